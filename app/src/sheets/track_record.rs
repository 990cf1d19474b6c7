//! The autonomy ledger: how often founders agreed with what agents recommended, whether it proved right, and what the
//! numbers would support. It grants nothing.

use super::{brief_rules::asking, calibration::chart};
use crate::{
    components::{eager::Erase, empty_state::EmptyState, icon::Icon},
    view::{brief as words, number, path},
};
use countersign_domain::{
    reading::TrackRecord,
    track_record::{LEAST_RUN, Support, TrackRow},
};
use leptos::prelude::*;

pub fn track_record(tenant: &str, found: &TrackRecord) -> AnyView {
    if found.rows.is_empty() && found.damaged == 0 {
        let inbox = path::of_tenant(tenant, "/inbox");
        return view! {
            <EmptyState icon="stamp" title="Nothing was decided yet">
                <p data-testid="ledger-empty">"Each decision is counted here against what its author had recommended. What you find when you look back is counted, too."</p>
                <p><a class="button" href=inbox>"Open the inbox"</a></p>
            </EmptyState>
        }
        .erased();
    }
    let method = format!(
        "From the newest {}. An agent's recommendation was agreed with where a founder took exactly that option; silence is nobody's agreement.",
        number::counted(found.decisions, "decision", "decisions")
    );
    let damaged = (found.damaged > 0).then(|| {
        let are = if found.damaged == 1 { "is" } else { "are" };
        let words = format!(
            "{} {are} left out: what is kept of it was changed, and cannot be read. The list of decisions shows which.",
            number::counted(found.damaged, "decision", "decisions")
        );
        view! { <p class="notice tone-bad" role="alert" data-testid="ledger-damaged">{words}</p> }.erased()
    });
    view! {
        <p class="page-note">{method}</p>
        <div class="drawn" data-live="damaged">{damaged}</div>
        <div class="drawn" data-live="supported">{supported(tenant, &found.supported)}</div>
        <section class="panel" aria-labelledby="track-title" data-testid="track">
            <h2 id="track-title">"By agent and category"</h2>
            <div data-live="track">{table(tenant, &found.rows)}</div>
        </section>
        <section class="panel" aria-labelledby="calibration-title" data-testid="calibration">
            <h2 id="calibration-title">"How sure, and how often so"</h2>
            <div data-live="calibration">{chart(&found.bins)}</div>
        </section>
        <section class="panel" aria-labelledby="asking-title" data-testid="authors">
            <h2 id="asking-title">"How well agents ask"</h2>
            <div data-live="authors">{asking(tenant, &found.authors)}</div>
        </section>
        <p class="more"><a href=path::of_tenant(tenant, "/decisions")>"All decisions"</a></p>
    }
    .erased()
}

fn supported(tenant: &str, found: &[Support]) -> AnyView {
    let grants = path::of_tenant(tenant, "/settings/briefs#grants");
    let rows = found.iter().map(|one| {
        let words = format!(
            "{}, {}, confidence ≥ {}: {agreed} of {agreed} agreed",
            one.agent,
            words::category(&one.category),
            confidence(one.at_least_micro),
            agreed = one.agreed,
        );
        let proven = match one.proven {
            0 => "none of these was looked back on yet".to_owned(),
            proven => format!("{proven} of these turned out right or partly so, none wrong"),
        };
        view! {
            <li data-testid="support-row">
                <Icon name="badge-check"/>
                <span class="support-words"><strong>{words}</strong><span class="sub">{proven}</span></span>
                <a class="button small" href=grants.clone() rel="external" data-testid="to-grants">"Look at grants"</a>
            </li>
        }
    });
    let rows = rows.collect_view();
    let list = if found.is_empty() {
        let least = format!(
            "No numbers support a grant yet. They would where a founder agreed {LEAST_RUN} times in a row with what one agent recommended in one category, and none of it turned out wrong."
        );
        view! { <p class="muted" data-testid="none-supported">{least}</p> }.erased()
    } else {
        view! {
            <ul class="supports">{rows}</ul>
            <p class="hint">"Nothing is granted by this. A grant is a founder's own word, and what founders alone settle is never among these."</p>
        }
        .erased()
    };
    view! {
        <section class="panel" aria-labelledby="supported-title" data-testid="supported">
            <h2 id="supported-title">"What the numbers would support"</h2>
            {list}
        </section>
    }
    .erased()
}

/// `900_000` as `0.9`.
fn confidence(micro: u32) -> String {
    words::confidence(micro).trim_end_matches('0').to_owned()
}

fn table(tenant: &str, rows: &[TrackRow]) -> AnyView {
    let rows = rows.iter().map(|row| {
        let share = words::share(row.agreed, row.agreed + row.overridden).unwrap_or_else(|| "–".to_owned());
        let query = format!("/decisions?agent={}&category={}", path::escape(&row.agent), path::escape(&row.category));
        let judged = row.right + row.partly + row.wrong;
        let turned = match judged + row.unknown {
            0 => "not looked back on".to_owned(),
            _ => format!("{} right, {} partly, {} wrong", row.right, row.partly, row.wrong),
        };
        view! {
            <tr data-testid="track-row" data-agent=row.agent.clone() data-category=row.category.clone()>
                <th scope="row"><a class="agent" href=path::agent(tenant, &row.agent)>{row.agent.clone()}</a></th>
                <td data-label="Category"><a href=path::of_tenant(tenant, &query)>{words::category(&row.category)}</a></td>
                <td class="col-number" data-testid="decided" data-label="Decided">{row.decided}</td>
                <td class="col-number" data-testid="agreed" data-label="Agreed">{row.agreed}<span class="sub">" "{share}</span></td>
                <td class="col-number" data-testid="overridden" data-label="Overridden">{row.overridden}</td>
                <td class="col-number" data-testid="by-silence" data-label="By silence">{row.by_silence}</td>
                <td data-testid="turned" data-label="Turned out">{turned}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="What became of recommendations">
            <table class="table track-table">
                <caption class="sr">"What became of recommendations, by agent and category"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Agent"</th>
                        <th scope="col">"Category"</th>
                        <th scope="col" class="col-number">"Decided"</th>
                        <th scope="col" class="col-number">"Agreed"</th>
                        <th scope="col" class="col-number">"Overridden"</th>
                        <th scope="col" class="col-number">"By silence"</th>
                        <th scope="col">"Turned out"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(record: &TrackRecord) -> String {
        Owner::new().with(|| track_record("acme", record).to_html())
    }

    fn row() -> TrackRow {
        TrackRow {
            agent: "cto".to_owned(),
            category: "small_refactorings".to_owned(),
            decided: 14,
            agreed: 12,
            overridden: 1,
            by_silence: 1,
            right: 3,
            ..TrackRow::default()
        }
    }

    #[test]
    fn what_the_numbers_support_is_said_in_a_line_and_leads_to_grants() {
        let support = Support {
            agent: "cto".to_owned(),
            category: "small_refactorings".to_owned(),
            at_least_micro: 900_000,
            agreed: 12,
            proven: 3,
        };
        let html = drawn(&TrackRecord {
            rows: vec![row()],
            supported: vec![support],
            decisions: 14,
            ..TrackRecord::default()
        });
        for part in [
            "cto, small refactorings, confidence ≥ 0.9: 12 of 12 agreed",
            "3 of these turned out right or partly so",
            "/t/acme/settings/briefs#grants",
            "92 %",
            "3 right, 0 partly, 0 wrong",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn where_nothing_is_supported_it_says_what_would_be() {
        let html = drawn(&TrackRecord { rows: vec![row()], ..TrackRecord::default() });
        assert!(html.contains("agreed 10 times in a row"), "{html}");
        assert!(drawn(&TrackRecord::default()).contains("Nothing was decided yet"));
        assert!(!html.contains("ledger-damaged"), "{html}");
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_not_kept_quiet() {
        let html = drawn(&TrackRecord { damaged: 2, ..TrackRecord::default() });
        assert!(html.contains("2 decisions are left out"), "{html}");
        assert!(!html.contains("Nothing was decided yet"), "{html}");
    }
}

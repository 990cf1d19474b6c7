//! What somebody is told outside the console: how, and when.

use super::{
    form::{Entry, Form, Shape},
    settings_nav::settings_nav,
};
use crate::{
    api::notice::{save::SaveNotices, test::TestNotices},
    components::{eager::Erase, icon::Icon},
    view::path,
};
use countersign_domain::{
    notice::{Cell, NoticeKind, NoticePrefs},
    reading::NoticeSettings,
};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn notices(tenant: &str, organization: &str, settings: &NoticeSettings) -> AnyView {
    let NoticeSettings { email, verified, prefs } = settings;
    let doubt = (!verified).then(|| {
        view! {
            <p class="notice tone-warn" data-testid="not-confirmed">
                <Icon name="triangle-alert"/>
                <span>
                    "Nothing is mailed to "{email.clone()}" until you confirm that it is yours, under "
                    <a href=path::of_tenant(tenant, "/settings/security")>"Your security"</a>"."
                </span>
            </p>
        }
    });
    let lead = format!(
        "What waits in {organization} reaches you at {email}. A notification says what waits and opens its page; it decides nothing."
    );
    view! {
        {settings_nav(tenant, "/settings/notifications")}
        <p class="page-note">{lead}</p>
        {doubt}
        {choices(tenant, prefs)}
        {test(tenant, email)}
    }
    .erased()
}

fn choices(tenant: &str, prefs: &NoticePrefs) -> AnyView {
    let form = Form::new("save-notices", SaveNotices::url(), vec![("tenant", tenant.to_owned())]);
    let matrix = matrix(&form, prefs);
    let time = |label, name, hint, value: String, optional| {
        form.field(Entry { label, name, hint, value, optional, shape: Shape::Known("time", "off"), fault: None })
    };
    let offset = form.field(Entry {
        label: "Your clock, from UTC",
        name: "offset",
        hint: "Such as +01:00 or \u{2212}04:30. Change it when your clocks change.",
        value: offset(prefs.offset),
        ..Entry::default()
    });
    let digest = time(
        "Mail of the day comes at",
        "digest",
        "By your clock, if there is something new",
        hour(prefs.digest),
        false,
    );
    let from = time(
        "Quiet from",
        "quiet_from",
        "Nothing is sent until they end; leave both empty for none",
        prefs.quiet.map(|quiet| hour(quiet.from)).unwrap_or_default(),
        true,
    );
    let to = time("Quiet until", "quiet_to", "", prefs.quiet.map(|quiet| hour(quiet.to)).unwrap_or_default(), true);
    let breaks =
        check(&form, "breaks_quiet", "What is due within the hour comes in quiet hours too", prefs.breaks_quiet);
    let after = form.field(Entry {
        label: "Minutes until something urgent is told again",
        name: "raise_after",
        hint: "What is urgent and that nobody has decided or put off: out of the mail of the day, it comes at once. Leave it empty for never.",
        value: prefs.raising.map(|raising| raising.after.to_string()).unwrap_or_default(),
        optional: true,
        shape: Shape::Number(1, 1440),
        fault: None,
    });
    let raising = prefs.raising.is_some_and(|raising| raising.founders);
    let founders =
        check(&form, "founders", "After as long again, every founder is mailed who hears of its kind", raising);
    let inside = view! {
        {matrix}
        <h3>"When"</h3>
        {offset}
        {digest}
        <div class="two-fields">{from}{to}</div>
        {breaks}
        <h3>"If nobody does anything"</h3>
        {after}
        {founders}
        <button class="button primary">"Save notifications"</button>
        <p class="hint">"Counts from the next notification on. Others in your organization choose for themselves."</p>
    };
    view! {
        <section class="panel form-panel notices-panel">
            <h2>"What you hear"</h2>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}

/// Kinds by channels. What was entered stays when something else is refused.
fn matrix(form: &Form, prefs: &NoticePrefs) -> AnyView {
    let rows = NoticeKind::ALL.iter().map(|kind| {
        let word = kind.as_str();
        let chosen = form.entered(word).and_then(|text| text.parse().ok()).unwrap_or_else(|| prefs.cell(*kind));
        let cells = Cell::ALL.iter().map(|cell| {
            let label = format!("{}: {}", kind.words(), channel(*cell));
            view! {
                <td class="matrix-cell">
                    <label>
                        <input type="radio" name=word value=cell.as_str() checked=*cell == chosen
                            data-testid=format!("{word}-{}", cell.as_str())/>
                        <span class="sr">{label}</span>
                    </label>
                </td>
            }
        });
        view! {
            <tr data-testid="notice-kind">
                <th scope="row">{kind.words()}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    view! {
        <table class="table matrix">
            <caption class="sr">"How you hear of each kind"</caption>
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col" class="matrix-cell">"Mail now"</th>
                    <th scope="col" class="matrix-cell">"Mail daily"</th>
                    <th scope="col" class="matrix-cell">"Not at all"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .erased()
}

fn channel(cell: Cell) -> &'static str {
    match cell {
        Cell::Now => "a mail at once",
        Cell::Digest => "in the mail of the day",
        Cell::None => "not at all",
    }
}

fn check(form: &Form, name: &'static str, label: &'static str, on: bool) -> AnyView {
    // An unticked box is not sent: of a form that came back, what it lacks was not ticked.
    let on = if form.is_refused() { form.entered(name).is_some() } else { on };
    view! {
        <label class="check">
            <input type="checkbox" name=name value="true" checked=on data-testid=format!("field-{name}")/>
            {label}
        </label>
    }
    .erased()
}

fn test(tenant: &str, email: &str) -> AnyView {
    let inside = view! {
        <button class="button">"Send a test"</button>
        <p class="hint">"A mail to "{email.to_owned()}", within a few seconds, in quiet hours too. It says that nothing waits."</p>
    };
    let form = Form::new("test-notices", TestNotices::url(), vec![("tenant", tenant.to_owned())]);
    view! {
        <section class="panel form-panel">
            <h2>"Try it"</h2>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}

/// `22:00`.
fn hour(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `+01:00`.
fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{}", hour(minutes.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_written_as_it_is_read() {
        assert_eq!([offset(60), offset(0), offset(-270)], ["+01:00", "+00:00", "-04:30"]);
        assert_eq!(hour(425), "07:05");
    }
}

//! What happened while the founders were away. Its page stays: who was away can read it years later.

use crate::{
    Error, Service,
    brief_row::{Thawed, choice_words, chosen, decision_view},
    policy::{Action, rank},
    ports::{AwayEvent, AwayRecord, BriefRecord},
    read_autonomy::away_row,
};
use countersign_brief::money::dollars;
use countersign_domain::{
    Actor, AwayId, Millis,
    reading::{AwayOutcome, AwayReport, AwayWait},
};

impl Service {
    pub async fn read_away(&self, actor: &Actor, id: AwayId) -> Result<AwayReport, Error> {
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let found = self.ports.autonomy.report(actor.tenant, id, now).await?;
        let may_reverse = rank(actor.role) >= rank(Action::ReverseDecision.needs());
        let end = found.away.end();
        let decided: Vec<AwayOutcome> =
            found.decided.iter().filter_map(|event| decided(event, &found.away, may_reverse)).collect();
        let lapsed = found.lapsed.iter().filter_map(lapsed);
        let (held, lapsed) = lapsed.partition(|one: &AwayOutcome| one.cap.is_some());
        Ok(AwayReport {
            away: away_row(&found.away, now),
            end,
            figures: found.figures,
            decided,
            lapsed,
            held,
            waiting: found.waiting.into_iter().filter_map(|record| waiting(record, end, now)).collect(),
            cost: dollars(found.cost_micro_usd),
        })
    }
}

fn thawed(record: BriefRecord) -> Option<Thawed> {
    let id = record.id;
    Thawed::of(record).inspect_err(|error| tracing::error!(brief.id = %id, %error, "a brief cannot be read")).ok()
}

fn outcome(thawed: &Thawed, event: &AwayEvent) -> AwayOutcome {
    AwayOutcome {
        brief: thawed.record.id.to_string(),
        title: thawed.brief.title.clone(),
        author: thawed.record.author.to_string(),
        category: thawed.brief.category.to_string(),
        at: event.at,
        words: String::new(),
        by: String::new(),
        kind: "lapsed".to_owned(),
        cost: String::new(),
        cap: None,
        decision: None,
        may_reverse: false,
        reversed: None,
    }
}

fn decided(event: &AwayEvent, away: &AwayRecord, may_reverse: bool) -> Option<AwayOutcome> {
    let thawed = thawed(event.brief.clone())?;
    let record = thawed.record.decision.clone()?;
    let view = decision_view(&record, &thawed.brief, false);
    let (kind, by) = match (&record.by, &record.for_person, &record.grant) {
        (Some((_, name)), Some((_, founder)), _) => ("delegate", format!("{name}, in {founder}'s place")),
        (Some((_, name)), None, _) => ("founder", name.clone()),
        (None, _, Some(_)) => ("grant", format!("{}, by {}", thawed.record.author, view.how)),
        (None, _, None) => {
            // Where the absence says nothing of the category, another founder's policy decided.
            match away.choice(thawed.brief.category.as_str()) {
                Some(_) => ("silence", format!("Silence, by the {} that {} left", view.how, away.by.1)),
                None => ("silence", format!("Silence, by the {} of the category", view.how)),
            }
        }
    };
    let is_unsaid = record.by.is_none();
    let is_reversible = chosen(&record.choice, &thawed.brief).is_some_and(|option| option.reversible);
    Some(AwayOutcome {
        words: choice_words(&record.choice, &thawed.brief),
        by,
        kind: kind.to_owned(),
        cost: if is_unsaid && event.cost_micro_usd > 0 { dollars(event.cost_micro_usd) } else { String::new() },
        decision: Some(record.id.to_string()),
        may_reverse: may_reverse && is_unsaid && is_reversible && event.reversed.is_none(),
        reversed: event.reversed.map(|task| task.to_string()),
        ..outcome(&thawed, event)
    })
}

fn lapsed(event: &AwayEvent) -> Option<AwayOutcome> {
    let thawed = thawed(event.brief.clone())?;
    let (why, cap) = event.lapsed.clone()?;
    Some(AwayOutcome { words: why, cap, ..outcome(&thawed, event) })
}

fn waiting(record: BriefRecord, end: Millis, now: Millis) -> Option<AwayWait> {
    let thawed = thawed(record)?;
    let until = Millis(end.0.min(now.0));
    Some(AwayWait {
        brief: thawed.record.id.to_string(),
        title: thawed.brief.title.clone(),
        author: thawed.record.author.to_string(),
        category: thawed.brief.category.to_string(),
        since: thawed.record.opened_at,
        waited_ms: until.since(thawed.record.opened_at).max(0),
        is_decided: thawed.record.is_decided,
    })
}

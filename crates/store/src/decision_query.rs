//! Which decisions a list shows, as a statement.

use countersign_domain::{
    Millis,
    reading::{DecisionQuery, DecisionTurn, OutcomeFilter, Who},
};
use sqlx::{Postgres, QueryBuilder};

/// Decisions `d` that count, with their briefs `b`, the versions `v` that they are about, their people `p`, and what was
/// said last `l` when somebody looked back.
pub(crate) const FROM: &str = " from decision d
    join brief b on b.tenant_id = d.tenant_id and b.id = d.brief_id
    join brief_version v on v.tenant_id = d.tenant_id and v.brief_id = d.brief_id and v.version = d.version
    left join person p on p.id = d.person_id
    left join lateral (select outcome, until_ms from look_back k where k.tenant_id = d.tenant_id and k.decision_id = d.id
                       order by k.at_ms desc, k.id desc limit 1) l on true";

/// What the version `v` says; nothing where it is not what `d` decided on: a text that somebody changed may be no JSON, and
/// is nobody's word.
pub(crate) const SAID: &str = "(case when sha256(v.text) = v.sha256 and v.sha256 = d.sha256
       then convert_from(v.text, 'utf8')::jsonb end)";

/// Appends what the question asks.
pub(crate) fn narrow(sql: &mut QueryBuilder<Postgres>, query: &DecisionQuery, now: Millis) {
    sql.push(" where d.state = 'made'");
    match query.who {
        Some(Who::Person(person)) => drop(sql.push(" and d.person_id = ").push_bind(person.0)),
        Some(Who::Server) => drop(sql.push(" and d.person_id is null")),
        None => {}
    }
    for (column, value) in [(" and b.category = ", &query.category), (" and b.author = ", &query.agent)] {
        if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
            sql.push(column).push_bind(value.clone());
        }
    }
    if let Some(from) = query.from {
        sql.push(" and d.ended_ms >= ").push_bind(from.0);
    }
    if let Some(to) = query.to {
        sql.push(" and d.ended_ms < ").push_bind(to.0);
    }
    match query.signed {
        Some(true) => drop(sql.push(" and d.assertion is not null")),
        Some(false) => drop(sql.push(" and d.assertion is null and d.person_id is not null")),
        None => {}
    }
    let when = "coalesce(l.until_ms, d.check_ms)";
    match query.outcome {
        Some(OutcomeFilter::Due) => {
            sql.push(format!(" and l.outcome is null and {when} <= ")).push_bind(now.0);
        }
        Some(OutcomeFilter::Ahead) => {
            sql.push(format!(" and l.outcome is null and {when} > ")).push_bind(now.0);
        }
        Some(OutcomeFilter::Never) => drop(sql.push(format!(" and l.outcome is null and {when} is null"))),
        Some(answered) => drop(sql.push(" and l.outcome = ").push_bind(answered.as_str())),
        None => {}
    }
    if let Some(text) = query.text.as_ref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty()) {
        sql.push(" and (false");
        for place in
            ["d.rationale", "coalesce(d.answer, '')", &format!("{SAID} ->> 'title'"), &format!("{SAID} ->> 'question'")]
        {
            sql.push(" or position(").push_bind(text.clone()).push(format!(" in lower({place})) > 0"));
        }
        sql.push(")");
    }
}

/// Appends where the page begins, in its order, and how much of it there is.
pub(crate) fn turn(sql: &mut QueryBuilder<Postgres>, turn: DecisionTurn, limit: u32) {
    let (than, place) = match turn {
        DecisionTurn::Newest => ("", None),
        DecisionTurn::Older(place) => ("<", Some(place)),
        DecisionTurn::Newer(place) => (">", Some(place)),
    };
    if let Some(place) = place {
        sql.push(format!(" and (d.ended_ms, d.id) {than} ("));
        sql.push_bind(place.at).push(", ").push_bind(place.id).push(")");
    }
    let order = if than == ">" { "d.ended_ms, d.id" } else { "d.ended_ms desc, d.id desc" };
    sql.push(format!(" order by {order} limit ")).push_bind(i64::from(limit));
}

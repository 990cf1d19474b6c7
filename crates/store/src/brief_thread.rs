//! Questions to a brief's author, with what their tasks came to.

use crate::{db::unavailable, projection::Tx};
use countersign_domain::{BriefId, Millis, reading::BriefAnswer};
use countersign_service::ports::StoreError;
use uuid::Uuid;

/// Oldest first.
pub(crate) async fn read(tx: &mut Tx, id: BriefId) -> Result<Vec<BriefAnswer>, StoreError> {
    // An agent that knows the bus alone acknowledges the task, and broadcasts its answer.
    let rows: Vec<AnswerRow> = sqlx::query_as(
        "select q.question, p.name as by, q.at_ms, q.task_id, t.state, t.ended_ms, t.result, e.payload, e.at_ms as told_ms
         from brief_question q join brief b on b.tenant_id = q.tenant_id and b.id = q.brief_id
         join person p on p.id = q.person_id
         left join task t on t.tenant_id = q.tenant_id and t.id = q.task_id
         left join lateral (
             select payload, at_ms from event e
             where e.tenant_id = q.tenant_id and e.agent = b.author and e.topic = 'brief.answered'
               and e.at_ms >= q.at_ms and position(q.task_id::text in e.payload) > 0
             order by e.at_ms limit 1) e on t.result is null
         where q.brief_id = $1 order by q.at_ms, q.task_id",
    )
    .bind(id.0)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(rows.into_iter().map(AnswerRow::into_answer).collect())
}

#[derive(sqlx::FromRow)]
struct AnswerRow {
    question: String,
    by: String,
    at_ms: i64,
    task_id: Uuid,
    state: Option<String>,
    ended_ms: Option<i64>,
    result: Option<String>,
    payload: Option<String>,
    told_ms: Option<i64>,
}

impl AnswerRow {
    fn into_answer(self) -> BriefAnswer {
        let answer = self.result.as_deref().or(self.payload.as_deref()).map(answer_of);
        let failed = match self.state.as_deref() {
            Some("failed" | "dead" | "undeliverable" | "cancelled" | "dismissed") if answer.is_none() => {
                Some("The task by which its author was asked ended without an answer.".to_owned())
            }
            Some("succeeded") if answer.is_none() => Some("Its author took the question, and said nothing.".to_owned()),
            _ => None,
        };
        let answered_at = if self.result.is_some() { self.ended_ms } else { self.told_ms };
        BriefAnswer {
            question: self.question,
            by: self.by,
            at: Millis(self.at_ms),
            task: self.task_id.to_string(),
            answered_at: answered_at.filter(|_| answer.is_some()).map(Millis),
            answer,
            failed,
        }
    }
}

/// The field `answer` of what the author made, or all of it.
fn answer_of(result: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(result);
    let said = value.ok().and_then(|value| match value {
        serde_json::Value::String(text) => Some(text),
        value => value.get("answer")?.as_str().map(str::to_owned),
    });
    said.unwrap_or_else(|| result.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_in_whatever_form_its_author_hands_it_in() {
        for (result, answer) in [
            (r#"{"answer":"Because.","usd":1}"#, "Because."),
            (r#""Because.""#, "Because."),
            (r#"{"text":"Because."}"#, r#"{"text":"Because."}"#),
            (r#"{"answer":{"a":1}}"#, r#"{"answer":{"a":1}}"#),
            ("no JSON", "no JSON"),
        ] {
            assert_eq!(answer_of(result), answer);
        }
    }

    #[test]
    fn a_question_whose_task_ended_without_an_answer_says_so() {
        let row = |state: &str, result: Option<&str>| AnswerRow {
            question: "Why?".into(),
            by: "Ada".into(),
            at_ms: 1,
            task_id: Uuid::nil(),
            state: Some(state.into()),
            ended_ms: Some(2),
            result: result.map(str::to_owned),
            payload: None,
            told_ms: None,
        };
        assert!(row("dead", None).into_answer().failed.is_some());
        assert!(row("succeeded", None).into_answer().failed.is_some());
        assert!(row("running", None).into_answer().failed.is_none());
        let answered = row("succeeded", Some("{\"answer\":\"x\"}")).into_answer();
        assert_eq!(
            (answered.answer.as_deref(), answered.answered_at, answered.failed),
            (Some("x"), Some(Millis(2)), None)
        );
    }
}

//! Whether what is kept of briefs and decisions is what the journal says of them: whoever changes a row, with its hash
//! and past all triggers, has not changed the entry; and whoever adds one has none.

use crate::{artifacts::hash, db::unavailable, decisions::seal_hash, journal_keeper::JournalFault, projection::Tx};
use countersign_domain::{
    ArtifactHash, BriefId, DecisionId, Via,
    brief::{BriefAct, BriefChoice, BriefDecided},
    journal::{Entry, What},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{FromRow, types::Json};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Differences that are named; whoever looks into one finds the others.
const NAMED: usize = 5;

/// What the entries so far told of.
#[derive(Debug, Default)]
pub(crate) struct BriefProof {
    versions: HashSet<(Uuid, i32)>,
    /// The entry of each brief's newest version.
    newest: HashMap<Uuid, i64>,
    made: HashSet<Uuid>,
    policies: HashSet<i64>,
}

#[derive(FromRow)]
struct VersionRow {
    brief_id: Uuid,
    version: i32,
    sha256: Vec<u8>,
    text: Vec<u8>,
    author: Option<String>,
    name: Option<String>,
}

#[derive(FromRow)]
struct DecisionRow {
    id: Uuid,
    brief_id: Uuid,
    version: i32,
    sha256: Vec<u8>,
    choice: String,
    answer: Option<String>,
    rationale: String,
    prediction: String,
    check_ms: Option<i64>,
    person_id: Option<Uuid>,
    policy: Option<String>,
    how: String,
    at_ms: i64,
    via: Option<Json<Via>>,
    state: String,
    canonical: Option<Vec<u8>>,
    canonical_sha256: Option<Vec<u8>>,
    assertion: Option<String>,
}

#[derive(FromRow)]
struct PolicyRow {
    seq: i64,
    category: String,
    reserved: bool,
    silence: String,
    person_id: Uuid,
    delegate_id: Option<Uuid>,
    reason: String,
}

impl BriefProof {
    /// Compares these entries with the rows that they tell of.
    pub async fn compare(&mut self, tx: &mut Tx, entries: &[(i64, Entry)]) -> Result<(), JournalFault> {
        if entries.is_empty() {
            return Ok(());
        }
        let versions = versions_of(tx, entries).await?;
        let decisions = decisions_of(tx, entries).await?;
        let policies = policies_of(tx, entries).await?;
        let questions = questions_of(tx, entries).await?;
        for (seq, entry) in entries {
            let seq = *seq;
            let found = match &entry.what {
                What::BriefPolicySet { .. } => {
                    self.policies.insert(seq);
                    policy(entry, policies.get(&seq))
                }
                What::Brief { brief, act: BriefAct::Taken { version, .. }, .. } => {
                    let key = (brief.0, version.cast_signed());
                    self.versions.insert(key);
                    self.newest.insert(brief.0, seq);
                    version_of(entry, versions.get(&key))
                }
                What::Brief { by, brief, act: BriefAct::Decided(decided) } => {
                    self.made.insert(decided.decision.0);
                    let row = decisions.get(&decided.decision.0);
                    let by = by.map(|person| person.0);
                    row.map_or_else(
                        || vec![gone(decided.decision)],
                        |row| decision(decided, row, *brief, by, entry.via.as_ref()),
                    )
                }
                What::Brief { act: BriefAct::TakenBack { decision }, .. } => {
                    state(*decision, decisions.get(&decision.0), "taken_back")
                }
                What::Brief { act: BriefAct::Voided { decision, .. }, .. } => {
                    state(*decision, decisions.get(&decision.0), "voided")
                }
                What::Brief { brief, act: BriefAct::Asked { question, task }, .. } => {
                    let same = questions.get(&task.0).is_some_and(|(of, text)| *of == brief.0 && text == question);
                    if same { Vec::new() } else { vec![format!("a question about brief {brief}")] }
                }
                _ => Vec::new(),
            };
            if !found.is_empty() {
                return Err(JournalFault::Kept { seq, what: found[..found.len().min(NAMED)].join(", ") });
            }
        }
        Ok(())
    }

    /// After the last entry, which is `head`: that nothing is kept of which none told.
    pub async fn nothing_more(&self, tx: &mut Tx, head: i64) -> Result<(), JournalFault> {
        let untold = |what: String| Err(JournalFault::Untold { head, what });
        let made: Vec<(Uuid,)> = all(tx, "select id from decision where state = 'made'").await?;
        if let Some((id,)) = made.iter().find(|(id,)| !self.made.contains(id)) {
            return untold(format!("decision {id}"));
        }
        let versions: Vec<(Uuid, i32)> = all(tx, "select brief_id, version from brief_version").await?;
        if let Some((id, version)) = versions.iter().find(|key| !self.versions.contains(key)) {
            return untold(format!("version {version} of brief {id}"));
        }
        let policies: Vec<(i64,)> = all(tx, "select seq from brief_policy").await?;
        if let Some((seq,)) = policies.iter().find(|(seq,)| !self.policies.contains(seq)) {
            return untold(format!("the policy of number {seq}"));
        }
        // What a brief says of itself follows from its versions and decisions.
        let astray: Vec<(Uuid, bool)> = all(
            tx,
            "select b.id, v.version is null or v.version <> b.version or v.sha256 <> b.sha256
             from brief b
             left join lateral (select version, sha256 from brief_version v
                                where v.tenant_id = b.tenant_id and v.brief_id = b.id order by version desc limit 1) v on true
             where v.version is null or v.version <> b.version or v.sha256 <> b.sha256
                or (b.state = 'decided') <> exists (select from decision d where d.tenant_id = b.tenant_id
                                                    and d.brief_id = b.id and d.state = 'made')
             limit 1",
        )
        .await?;
        match astray.first() {
            None => Ok(()),
            Some((id, is_version)) => {
                let about = if *is_version { "its newest version" } else { "whether it is decided" };
                let what = format!("{about} (of brief {id})");
                match self.newest.get(id) {
                    Some(seq) => Err(JournalFault::Kept { seq: *seq, what }),
                    None => untold(format!("brief {id}")),
                }
            }
        }
    }
}

async fn all<T>(tx: &mut Tx, sql: &'static str) -> Result<Vec<T>, JournalFault>
where
    T: for<'r> FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
{
    Ok(sqlx::query_as(sql).fetch_all(&mut **tx).await.map_err(unavailable)?)
}

async fn versions_of(tx: &mut Tx, entries: &[(i64, Entry)]) -> Result<HashMap<(Uuid, i32), VersionRow>, JournalFault> {
    let (mut briefs, mut versions) = (Vec::new(), Vec::new());
    for (_, entry) in entries {
        if let What::Brief { brief, act: BriefAct::Taken { version, .. }, .. } = &entry.what {
            briefs.push(brief.0);
            versions.push(version.cast_signed());
        }
    }
    let rows: Vec<VersionRow> = sqlx::query_as(
        "select v.brief_id, v.version, v.sha256, v.text, b.author, b.name
         from unnest($1::uuid[], $2::int[]) told (brief_id, version)
         join brief_version v on v.brief_id = told.brief_id and v.version = told.version
         left join brief b on b.tenant_id = v.tenant_id and b.id = v.brief_id",
    )
    .bind(&briefs)
    .bind(&versions)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(rows.into_iter().map(|row| ((row.brief_id, row.version), row)).collect())
}

async fn decisions_of(tx: &mut Tx, entries: &[(i64, Entry)]) -> Result<HashMap<Uuid, DecisionRow>, JournalFault> {
    let named = |(_, entry): &(i64, Entry)| match &entry.what {
        What::Brief { act: BriefAct::Decided(decided), .. } => Some(decided.decision.0),
        What::Brief { act: BriefAct::TakenBack { decision } | BriefAct::Voided { decision, .. }, .. } => {
            Some(decision.0)
        }
        _ => None,
    };
    let ids: Vec<Uuid> = entries.iter().filter_map(named).collect();
    let rows: Vec<DecisionRow> = sqlx::query_as(
        "select id, brief_id, version, sha256, choice, answer, rationale, prediction, check_ms, person_id, policy, how,
                at_ms, via, state, canonical, canonical_sha256, assertion::text as assertion
         from decision where id = any($1)",
    )
    .bind(&ids)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

async fn policies_of(tx: &mut Tx, entries: &[(i64, Entry)]) -> Result<HashMap<i64, PolicyRow>, JournalFault> {
    let is_policy = |(_, entry): &&(i64, Entry)| matches!(entry.what, What::BriefPolicySet { .. });
    let seqs: Vec<i64> = entries.iter().filter(is_policy).map(|(seq, _)| *seq).collect();
    let rows: Vec<PolicyRow> = sqlx::query_as(
        "select seq, category, reserved, silence, person_id, delegate_id, reason from brief_policy where seq = any($1)",
    )
    .bind(&seqs)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(rows.into_iter().map(|row| (row.seq, row)).collect())
}

async fn questions_of(tx: &mut Tx, entries: &[(i64, Entry)]) -> Result<HashMap<Uuid, (Uuid, String)>, JournalFault> {
    let task = |(_, entry): &(i64, Entry)| match &entry.what {
        What::Brief { act: BriefAct::Asked { task, .. }, .. } => Some(task.0),
        _ => None,
    };
    let tasks: Vec<Uuid> = entries.iter().filter_map(task).collect();
    let rows: Vec<(Uuid, Uuid, String)> =
        sqlx::query_as("select task_id, brief_id, question from brief_question where task_id = any($1)")
            .bind(&tasks)
            .fetch_all(&mut **tx)
            .await
            .map_err(unavailable)?;
    Ok(rows.into_iter().map(|(task, brief, question)| (task, (brief, question))).collect())
}

/// What differs, in words.
fn version_of(entry: &Entry, row: Option<&VersionRow>) -> Vec<String> {
    let What::Brief { brief, act: BriefAct::Taken { author, name, version, sha256, text, .. }, .. } = &entry.what
    else {
        return Vec::new();
    };
    let of = format!("of version {version} of brief {brief}");
    let Some(row) = row else { return vec![format!("nothing is kept {of}")] };
    let mut found = differing(text, &row.text);
    for (differs, what) in [
        (row.sha256 != sha256.0, "the hash"),
        (row.author.as_deref() != Some(author.as_str()), "the author"),
        (row.name.as_deref() != Some(name.as_str()), "the name"),
    ] {
        if differs {
            found.push(what.to_owned());
        }
    }
    if let Some(last) = found.last_mut() {
        last.push(' ');
        last.push_str(&of);
    }
    found
}

fn decision(
    decided: &BriefDecided,
    row: &DecisionRow,
    brief: BriefId,
    by: Option<Uuid>,
    via: Option<&Via>,
) -> Vec<String> {
    let choice = BriefChoice::of(&row.choice, row.answer.clone());
    let signed = row.canonical.as_ref().map(|canonical| ArtifactHash(Sha256::digest(canonical).into()));
    let noted = row.canonical_sha256.clone().map(hash);
    let seal = row.assertion.as_deref().map(seal_hash);
    // Entries of before name no seal.
    let other_seal = decided.seal_sha256.is_some() && seal.flatten() != decided.seal_sha256;
    let other_way = row.via.as_ref().map(|via| &via.0) != via
        || (by.is_some() && via.is_some_and(|via| via.how.as_str() != row.how));
    let mut found: Vec<String> = [
        (row.brief_id != brief.0, "its brief"),
        (row.version != decided.version.cast_signed(), "its version"),
        (row.sha256 != decided.sha256.0, "the hash of its brief"),
        (choice.as_ref() != Some(&decided.choice), "its choice"),
        (row.rationale != decided.rationale, "its rationale"),
        (row.prediction != decided.prediction, "its prediction"),
        (row.check_ms != decided.check_at.map(|at| at.0), "when to look back on it"),
        (row.person_id != by, "who made it"),
        (row.policy != decided.policy, "its policy"),
        (row.at_ms != decided.said_at.0, "when it was made"),
        (other_way, "by which way its person came"),
        (row.state != "made", "whether it counts"),
        (signed != decided.decision_sha256 || noted != decided.decision_sha256, "what is signed of it"),
        (row.assertion.is_some() != decided.signed || other_seal, "its signature"),
    ]
    .into_iter()
    .filter(|(differs, _)| *differs)
    .map(|(_, what)| what.to_owned())
    .collect();
    if let Some(last) = found.last_mut() {
        last.push_str(&format!(" (of decision {})", decided.decision));
    }
    found
}

fn gone(decision: DecisionId) -> String {
    format!("decision {decision} is not kept")
}

fn state(decision: DecisionId, row: Option<&DecisionRow>, wanted: &str) -> Vec<String> {
    match row {
        None => vec![gone(decision)],
        Some(row) if row.state != wanted => vec![format!("what became of decision {decision}")],
        Some(_) => Vec::new(),
    }
}

fn policy(entry: &Entry, row: Option<&PolicyRow>) -> Vec<String> {
    let What::BriefPolicySet { by, category, reserved, silence, delegate, reason } = &entry.what else {
        return Vec::new();
    };
    let same = row.is_some_and(|row| {
        row.person_id == by.0
            && row.category == *category
            && row.reserved == *reserved
            && row.silence == *silence
            && row.delegate_id == delegate.map(|person| person.0)
            && row.reason == *reason
    });
    if same { Vec::new() } else { vec![format!("what silence means in {category}")] }
}

/// Where the text that is kept says otherwise than the entry: JSON pointers (RFC 6901).
fn differing(told: &str, kept: &[u8]) -> Vec<String> {
    if told.as_bytes() == kept {
        return Vec::new();
    }
    let mut places = Vec::new();
    if let (Ok(told), Ok(kept)) = (serde_json::from_str(told), serde_json::from_slice(kept)) {
        walk(&told, &kept, String::new(), &mut places);
    }
    if places.is_empty() {
        // Not a value, but how it is written; or no JSON any more.
        places.push("the text".to_owned());
    }
    places
}

/// Names of fields come from the entry alone: what is kept may say anything.
fn walk(told: &Value, kept: &Value, place: String, places: &mut Vec<String>) {
    match (told, kept) {
        (Value::Object(told), Value::Object(kept)) => {
            if kept.keys().any(|key| !told.contains_key(key)) {
                places.push(format!("{place}/ (a field more)"));
            }
            for (key, value) in told {
                walk(value, kept.get(key).unwrap_or(&Value::Null), format!("{place}/{key}"), places);
            }
        }
        (Value::Array(told), Value::Array(kept)) if told.len() == kept.len() => {
            for (at, (told, kept)) in told.iter().zip(kept).enumerate() {
                walk(told, kept, format!("{place}/{at}"), places);
            }
        }
        _ if told != kept => places.push(place),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_by_its_place() {
        let told = r#"{"evidence":[{"sha256":"aa"}],"options":[{"title":"A"},{"title":"B"}],"question":"Why?"}"#;
        for (kept, places) in [
            (told.to_owned(), vec![]),
            (told.replace("Why?", "Whz?"), vec!["/question"]),
            (told.replace("\"B\"", "\"C\""), vec!["/options/1/title"]),
            (told.replace("aa", "ab"), vec!["/evidence/0/sha256"]),
            (told.replace(r#"[{"sha256":"aa"}]"#, "[]"), vec!["/evidence"]),
            (told.replace("\"question\"", "\"question\\u202e\""), vec!["/ (a field more)", "/question"]),
            (told.replace(",\"question\"", ", \"question\""), vec!["the text"]),
            ("nonsense".to_owned(), vec!["the text"]),
        ] {
            assert_eq!(differing(told, kept.as_bytes()), places, "{kept}");
        }
    }
}

//! What a decision is about.

use super::{Choice, DecisionFault};
use crate::{ArtifactHash, canonical_json::CanonicalJson, task::words};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

words!(
    SubjectKind {
        /// A question of an agent, or of a person.
        Brief = "brief",
        /// Content that is to run: a role file, an artifact or a deployment.
        Review = "review",
    }
);

/// What is decided on, as it was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    pub kind: SubjectKind,
    /// The id of the brief or of the review.
    pub id: Uuid,
    /// Of the brief, or of the content that is reviewed; from 1.
    pub version: u32,
    /// For a brief: of the canonical bytes of `text`. For a review: of the content that may run.
    pub sha256: ArtifactHash,
    /// An object: what the decider was shown. For a brief it has at least `options`, each with its `key`, and
    /// `evidence`, each with its `sha256`; whatever else a brief says is in it too, and under the signature.
    pub text: CanonicalJson,
}

impl Subject {
    /// A brief with this text, under the hash of it.
    pub fn brief(id: Uuid, version: u32, text: CanonicalJson) -> Result<Self, DecisionFault> {
        let sha256 = hash_of(&text)?;
        Ok(Self { kind: SubjectKind::Brief, id, version, sha256, text })
    }

    pub(super) fn check(&self, choice: &Choice, evidence: &[ArtifactHash]) -> Result<(), DecisionFault> {
        if !matches!(self.text, CanonicalJson::Object(_)) {
            return Err(DecisionFault::Fields("the subject's text is no object".to_owned()));
        }
        match (self.kind, choice) {
            (SubjectKind::Review, Choice::Approved(()) | Choice::Rejected(()) | Choice::Revoked(())) => Ok(()),
            (SubjectKind::Brief, Choice::Option(_) | Choice::Own(_) | Choice::Rejected(())) => {
                self.check_brief(choice, evidence)
            }
            _ => Err(DecisionFault::Choice),
        }
    }

    fn check_brief(&self, choice: &Choice, evidence: &[ArtifactHash]) -> Result<(), DecisionFault> {
        if hash_of(&self.text)? != self.sha256 {
            return Err(DecisionFault::TextHash);
        }
        if let Choice::Option(chosen) = choice
            && !self.each("options", "key")?.contains(&chosen.as_str())
        {
            return Err(DecisionFault::NoSuchOption(chosen.clone()));
        }
        let listed = evidence.iter().map(ToString::to_string);
        if listed.eq(self.each("evidence", "sha256")?) { Ok(()) } else { Err(DecisionFault::Evidence) }
    }

    /// What the text's list `list` says under `field`, item by item.
    fn each(&self, list: &'static str, field: &'static str) -> Result<Vec<&str>, DecisionFault> {
        let items = self.text.get(list).and_then(CanonicalJson::as_list);
        let named = items.map(|items| items.iter().map(|item| item.get(field).and_then(CanonicalJson::as_text)));
        named.and_then(Iterator::collect::<Option<Vec<_>>>).ok_or(DecisionFault::Lacks(list, field))
    }
}

fn hash_of(text: &CanonicalJson) -> Result<ArtifactHash, DecisionFault> {
    Ok(ArtifactHash(Sha256::digest(text.to_bytes()?).into()))
}

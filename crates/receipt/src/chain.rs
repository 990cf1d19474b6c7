//! Several receipts, one after the other.

use crate::{Refusal, Trusted, Verdict, verify};

/// Checks each receipt, and that each is of the decision right after the one before it, in the same tenant. Answers
/// every verdict; the first refusal with the place of its receipt, from 0.
pub fn verify_chain<R: AsRef<[u8]>>(receipts: &[R], trusted: &Trusted) -> Result<Vec<Verdict>, (usize, Refusal)> {
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(receipts.len());
    for (at, receipt) in receipts.iter().enumerate() {
        let verdict = verify(receipt.as_ref(), trusted).map_err(|refusal| (at, refusal))?;
        let follows = verdicts.last().is_none_or(|before| {
            let (before, own) = (before.decision(), verdict.decision().decision());
            own.tenant == before.decision().tenant && own.previous.is_some_and(|hash| hash.0 == before.sha256())
        });
        if !follows {
            return Err((at, Refusal::Chain));
        }
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

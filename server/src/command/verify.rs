//! `countersign verify`: receipts, checked without a server, a database or a network.

use crate::cli::Verify;
use anyhow::Context;
use countersign_domain::{
    canonical_json::CanonicalJson,
    decision::{Choice, Decision, Sealed, Subject, SubjectKind},
    hidden::{escaped, is_hidden},
};
use countersign_receipt::{Fingerprint, MOST_BYTES, Trusted, Verdict, verify_chain};
use data_encoding::HEXLOWER;
use std::{fs::File, io::Read, path::Path, process::ExitCode};

/// Says of each receipt, in their order, what it proves. Succeeds only if all are countersigned, and each follows the
/// one before it.
pub fn run(args: &Verify) -> anyhow::Result<ExitCode> {
    let trusted = Trusted { keys: keys(&args.key)?, origins: args.origin.clone() };
    let receipts = args.receipt.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let (verdicts, refused) = match verify_chain(&receipts, &trusted) {
        Ok(verdicts) => (verdicts, None),
        // Those before it are well: they are said once more.
        Err((at, refusal)) => (verify_chain(&receipts[..at], &trusted).unwrap_or_default(), Some((at, refusal))),
    };
    for (path, verdict) in args.receipt.iter().zip(&verdicts) {
        println!("{}: {verdict}", path.display());
        for (what, words) in account(verdict) {
            println!("  {what:<10} {}", plain(&words));
        }
    }
    if let Some((at, refusal)) = &refused {
        println!("{}: NOT valid. {}", args.receipt[*at].display(), plain(&refusal.to_string()));
        for path in &args.receipt[at + 1..] {
            println!("{}: not looked at.", path.display());
        }
    }
    let all_signed = verdicts.iter().all(|verdict| matches!(verdict, Verdict::Countersigned(_)));
    Ok(if all_signed && refused.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each one is a fingerprint, or a file of them.
fn keys(given: &[String]) -> anyhow::Result<Vec<Fingerprint>> {
    let mut keys = Vec::new();
    for one in given {
        if let Ok(key) = one.parse() {
            keys.push(key);
            continue;
        }
        let file = std::fs::read_to_string(one)
            .with_context(|| format!("{one} is neither a fingerprint (64 digits 0 to 9 and a to f) nor a file."))?;
        let named = Trusted::keys_of(&file).with_context(|| format!("{one} is no file of fingerprints."))?;
        // An empty file would mean: believe any key.
        anyhow::ensure!(!named.is_empty(), "{one} names no key.");
        keys.extend(named);
    }
    Ok(keys)
}

/// No further than a receipt may reach: it may be a device that never ends.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(|| format!("{} cannot be opened.", path.display()))?;
    file.take(MOST_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{} cannot be read.", path.display()))?;
    Ok(bytes)
}

/// What was decided, as the receipt says it.
fn account(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let sealed: &Sealed = verdict.decision();
    let decision = sealed.decision();
    let Subject { kind, id, version, sha256, text } = &decision.subject;
    let mut lines = vec![match kind {
        SubjectKind::Brief => ("Brief", format!("{id}, version {version}")),
        SubjectKind::Review => ("Review", format!("{id}, of the content {sha256}")),
    }];
    if let Some(question) = text.get("question").and_then(CanonicalJson::as_text) {
        lines.push(("Question", question.to_owned()));
    }
    lines.push(("Decision", choice(decision)));
    for (what, words) in [("Because", &decision.rationale), ("Expected", &decision.prediction)] {
        if !words.is_empty() {
            lines.push((what, words.clone()));
        }
    }
    lines.push(("By", decision.decider.to_string()));
    lines.push(("At", decision.at_ms.to_rfc3339()));
    if let Verdict::Unsigned(unsigned) = verdict {
        lines.push(("Unsigned", unsigned.reason.clone()));
    }
    lines.push(("SHA-256", HEXLOWER.encode(&sealed.sha256())));
    lines
}

fn choice(decision: &Decision) -> String {
    match &decision.choice {
        Choice::Option(key) => {
            let options = decision.subject.text.get("options").and_then(CanonicalJson::as_list).unwrap_or_default();
            let says = |option: &&CanonicalJson| option.get("key").and_then(CanonicalJson::as_text) == Some(key);
            let title = options.iter().find(says).and_then(|option| option.get("title")?.as_text());
            title.map_or_else(|| format!("option “{key}”"), |title| format!("option “{key}”: {title}"))
        }
        Choice::Own(answer) => format!("an answer of their own: {answer}"),
        Choice::Approved(()) => "approved".to_owned(),
        Choice::Rejected(()) => "rejected".to_owned(),
        Choice::Revoked(()) => "revoked".to_owned(),
    }
}

/// On one line, and with nothing in it that a terminal would obey or hide: the text is from somebody's file.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            c if is_hidden(c) => out.push_str(&escaped(c)),
            c => out.push(c),
        }
    }
    out
}

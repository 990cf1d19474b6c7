//! Artifacts for the console's pages.

use crate::{
    Error, Service, artifact_bytes, markdown,
    policy::Action,
    ports::{ArtifactFact, FileError},
    read_artifact::report,
    visible_text::{payload_text, shown},
};
use countersign_domain::{
    Actor, ArtifactHash,
    artifact::{ArtifactContent, ArtifactKind},
    reading::{ArtifactDetail, ArtifactList, ArtifactQuery, ArtifactText, DiffLine, LineChange},
};
use futures::TryStreamExt;

/// What is larger is not read for a page: it can be downloaded.
const READ_BYTES: u64 = 32 * 1024 * 1024;
/// Larger pictures are not drawn: a browser would need too much memory for them.
pub const DRAWN_BYTES: u64 = 16 * 1024 * 1024;
/// What is kept of it while it is checked.
const HEAD_BYTES: usize = 1024 * 1024;
/// Lines of a diff that a page shows.
const DIFF_LINES: usize = 2_000;

impl Service {
    pub async fn list_artifacts(&self, actor: &Actor, query: &ArtifactQuery) -> Result<ArtifactList, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.artifacts.list(actor.tenant, query).await?)
    }

    /// One artifact with what a page shows of it. Nothing is shown of bytes that are not what the name says.
    pub async fn show_artifact(&self, actor: &Actor, sha256: ArtifactHash) -> Result<ArtifactDetail, Error> {
        self.allow(actor, Action::Read)?;
        let mut detail = self.ports.artifacts.detail(actor.tenant, sha256).await?;
        let nothing = |why: &str| ArtifactText::Nothing { why: why.to_owned() };
        if detail.removed_at.is_some() {
            detail.text =
                nothing("Nothing named it any more, so retention removed it. What is known of it stays here.");
            return Ok(detail);
        }
        if detail.content == ArtifactContent::Binary {
            detail.text = nothing("It is neither text nor a picture. Download it to open it with a program of yours.");
            return Ok(detail);
        }
        if detail.size > READ_BYTES || (detail.content.is_image() && detail.size > DRAWN_BYTES) {
            detail.text = nothing("It is too large to be shown here. Download it to read it.");
            return Ok(detail);
        }
        let fact = ArtifactFact { sha256, size: detail.size, content: detail.content };
        match self.head_of(actor, fact).await {
            Ok(head) => {
                let whole = head.len() as u64 == detail.size;
                let text = head.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
                if detail.kind == ArtifactKind::Text && detail.labels.is_empty() {
                    detail.kind = ArtifactKind::of_text(text);
                }
                let (shown, cut) = text_of(detail.kind, text);
                (detail.text, detail.cut) = (shown, cut || !whole);
            }
            Err(FileError::Gone) => {
                report(fact)(&FileError::Gone);
                detail.text = ArtifactText::Damaged;
            }
            Err(FileError::Unavailable(cause)) => {
                return Err(Error::Unavailable { what: "The store of artifacts", cause });
            }
        }
        Ok(detail)
    }

    /// The first bytes, once all of them were checked.
    async fn head_of(&self, actor: &Actor, fact: ArtifactFact) -> Result<Vec<u8>, FileError> {
        let files = &*self.ports.artifact_files;
        let mut stream = artifact_bytes::read(files, actor.tenant, fact, 0..fact.size).await?;
        let mut head = Vec::new();
        while let Some(chunk) = stream.try_next().await? {
            let room = HEAD_BYTES.saturating_sub(head.len()).min(chunk.len());
            head.extend_from_slice(&chunk[..room]);
        }
        Ok(head)
    }
}

/// How a text is shown, and whether it had to be cut.
fn text_of(kind: ArtifactKind, text: &str) -> (ArtifactText, bool) {
    match kind {
        ArtifactKind::Image => (ArtifactText::Image, false),
        ArtifactKind::Other => (ArtifactText::Nothing { why: String::new() }, false),
        ArtifactKind::Json => {
            let payload = payload_text(text.as_bytes());
            (ArtifactText::Plain { text: payload.text }, payload.cut)
        }
        ArtifactKind::Markdown => {
            let (html, cut) = markdown::html(text);
            (ArtifactText::Markdown { html }, cut)
        }
        ArtifactKind::Diff => {
            let (text, cut) = shown(text);
            let more = text.lines().nth(DIFF_LINES).is_some();
            (ArtifactText::Diff { lines: text.lines().take(DIFF_LINES).map(diff_line).collect() }, cut || more)
        }
        ArtifactKind::Text | ArtifactKind::Log => {
            let (text, cut) = shown(text);
            (ArtifactText::Plain { text }, cut)
        }
    }
}

/// A line of a unified diff; its head lines, which begin alike, are no changes.
fn diff_line(line: &str) -> DiffLine {
    let is_head = line.starts_with("+++ ") || line.starts_with("--- ");
    let (change, text) = match line.split_at_checked(1) {
        Some(("+", rest)) if !is_head => (LineChange::Added, rest),
        Some(("-", rest)) if !is_head => (LineChange::Removed, rest),
        Some((" ", rest)) => (LineChange::Same, rest),
        _ => (LineChange::Same, line),
    };
    DiffLine { change, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_is_told_by_its_signs_and_not_by_its_head() {
        let lines: Vec<_> = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n".lines().map(diff_line).collect();
        let changes: Vec<_> = lines.iter().map(|line| (line.change, line.text.as_str())).collect();
        assert_eq!(changes[0], (LineChange::Same, "--- a/x"));
        assert_eq!(
            changes[3..],
            [(LineChange::Same, "same"), (LineChange::Removed, "old"), (LineChange::Added, "new")]
        );
    }

    #[test]
    fn what_is_hidden_in_a_text_is_shown_whatever_its_kind() {
        for kind in [ArtifactKind::Text, ArtifactKind::Log, ArtifactKind::Json] {
            let (ArtifactText::Plain { text }, false) = text_of(kind, "pay\u{202e}lave \u{1b}[31m") else {
                panic!("{kind:?}")
            };
            assert_eq!(text, "pay\\u{202e}lave \\u{1b}[31m", "{kind:?}");
        }
        let (ArtifactText::Diff { lines }, _) = text_of(ArtifactKind::Diff, "+a\u{200b}") else { panic!("a diff") };
        assert_eq!(lines[0].text, "a\\u{200b}");
    }
}

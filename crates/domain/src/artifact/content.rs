//! What an artifact is, decided from its bytes and its label. What its uploader calls it decides nothing.

use crate::task::words;
use serde::{Deserialize, Serialize};

words!(
    /// What the bytes are.
    ArtifactContent {
        /// UTF-8 from the first byte to the last, without a character of number zero.
        Text = "text",
        Png = "png",
        Jpeg = "jpeg",
        Gif = "gif",
        Webp = "webp",
        /// Anything else.
        Binary = "binary",
    }
);

impl ArtifactContent {
    /// The media type under which it is sent. A browser must find nothing in it that it would run.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Binary => "application/octet-stream",
        }
    }

    pub fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }
}

words!(
    /// How a page shows it.
    ArtifactKind {
        Text = "text",
        Markdown = "markdown",
        Json = "json",
        Diff = "diff",
        Log = "log",
        Image = "image",
        /// Not at all: it can be downloaded.
        Other = "other",
    }
);

impl ArtifactKind {
    /// By the content, and for text by the ending of the label. An SVG is text: drawn, it could run scripts.
    pub fn of(content: ArtifactContent, label: Option<&str>) -> Self {
        match content {
            ArtifactContent::Binary => Self::Other,
            ArtifactContent::Text => Self::by_ending(label.unwrap_or_default()),
            _ => Self::Image,
        }
    }

    fn by_ending(label: &str) -> Self {
        let name = label.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("md" | "markdown") => Self::Markdown,
            Some("json") => Self::Json,
            Some("diff" | "patch") => Self::Diff,
            Some("log") => Self::Log,
            _ => Self::Text,
        }
    }

    /// For a text that no label tells anything of.
    pub fn of_text(text: &str) -> Self {
        let start = text.trim_start();
        if start.starts_with("diff --git ") || (start.starts_with("--- ") && start.contains("\n+++ ")) {
            return Self::Diff;
        }
        let may_be_json = start.starts_with(['{', '[']);
        if may_be_json && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            return Self::Json;
        }
        Self::Text
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Markdown => "Markdown",
            Self::Json => "JSON",
            Self::Diff => "Diff",
            Self::Log => "Log",
            Self::Image => "Image",
            Self::Other => "File",
        }
    }
}

/// Finds out what passes by, chunk by chunk.
#[derive(Debug, Clone)]
pub struct Sniffer {
    head: Vec<u8>,
    /// The first bytes of a character whose others have not come yet.
    rest: Vec<u8>,
    is_text: bool,
}

/// Enough for every signature.
const HEAD: usize = 16;

impl Default for Sniffer {
    fn default() -> Self {
        Self { head: Vec::new(), rest: Vec::new(), is_text: true }
    }
}

impl Sniffer {
    pub fn see(&mut self, chunk: &[u8]) {
        let wanted = HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..wanted]);
        if !self.is_text {
            return;
        }
        if chunk.contains(&0) {
            self.is_text = false;
            return;
        }
        let mut joined = std::mem::take(&mut self.rest);
        let mut chunk = chunk;
        // A character that was cut in two is put together alone, so that a chunk is not copied for its sake.
        while !joined.is_empty() && !chunk.is_empty() {
            joined.push(chunk[0]);
            chunk = &chunk[1..];
            match std::str::from_utf8(&joined) {
                Ok(_) => joined.clear(),
                Err(error) if error.error_len().is_some() => {
                    self.is_text = false;
                    return;
                }
                Err(_) => {}
            }
        }
        self.rest = joined;
        if let Err(error) = std::str::from_utf8(chunk) {
            if error.error_len().is_some() {
                self.is_text = false;
            } else {
                self.rest = chunk[error.valid_up_to()..].to_vec();
            }
        }
    }

    /// What it was, once all has passed.
    pub fn content(&self) -> ArtifactContent {
        let head = self.head.as_slice();
        if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            ArtifactContent::Png
        } else if head.starts_with(b"\xff\xd8\xff") {
            ArtifactContent::Jpeg
        } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
            ArtifactContent::Gif
        } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            ArtifactContent::Webp
        } else if self.is_text && self.rest.is_empty() {
            ArtifactContent::Text
        } else {
            ArtifactContent::Binary
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn content(bytes: &[u8]) -> ArtifactContent {
        let mut sniffer = Sniffer::default();
        sniffer.see(bytes);
        sniffer.content()
    }

    #[test]
    fn bytes_are_what_they_begin_with_and_text_only_as_a_whole() {
        for (bytes, is) in [
            (&b""[..], ArtifactContent::Text),
            ("# Straße\n".as_bytes(), ArtifactContent::Text),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ArtifactContent::Text),
            (b"\x89PNG\r\n\x1a\nrest", ArtifactContent::Png),
            (b"\xff\xd8\xff\xe0", ArtifactContent::Jpeg),
            (b"GIF89a<script>", ArtifactContent::Gif),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", ArtifactContent::Webp),
            (b"RIFF\xff\x02\x03\x04WAVE", ArtifactContent::Binary),
            (b"text\xff", ArtifactContent::Binary),
            (b"text\xc3", ArtifactContent::Binary),
            (b"te\0xt", ArtifactContent::Binary),
        ] {
            assert_eq!(content(bytes), is, "{bytes:?}");
        }
    }

    #[test]
    fn a_label_says_how_text_is_shown_and_nothing_of_other_bytes() {
        let kind = |content, label| ArtifactKind::of(content, Some(label));
        assert_eq!(kind(ArtifactContent::Text, "docs/adr/0001.MD"), ArtifactKind::Markdown);
        assert_eq!(kind(ArtifactContent::Text, "a.patch"), ArtifactKind::Diff);
        assert_eq!(kind(ArtifactContent::Text, "logo.svg"), ArtifactKind::Text);
        assert_eq!(kind(ArtifactContent::Text, "x.png"), ArtifactKind::Text);
        assert_eq!(kind(ArtifactContent::Binary, "a.md"), ArtifactKind::Other);
        assert_eq!(kind(ArtifactContent::Png, "a.md"), ArtifactKind::Image);
        assert_eq!(kind(ArtifactContent::Text, "md/plain"), ArtifactKind::Text);
    }

    #[test]
    fn a_text_without_a_label_is_known_by_its_form() {
        assert_eq!(ArtifactKind::of_text(" {\"a\": [1]}"), ArtifactKind::Json);
        assert_eq!(ArtifactKind::of_text("{not json"), ArtifactKind::Text);
        assert_eq!(ArtifactKind::of_text("--- a\n+++ b\n@@ -1 +1 @@"), ArtifactKind::Diff);
        assert_eq!(ArtifactKind::of_text("# Title"), ArtifactKind::Text);
    }

    proptest! {
        #[test]
        fn how_it_is_cut_into_chunks_does_not_matter(bytes in prop::collection::vec(any::<u8>(), 0..40), at in 0_usize..40, text in "\\PC{0,12}") {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                let (first, second) = bytes.split_at(at.min(bytes.len()));
                let mut sniffer = Sniffer::default();
                sniffer.see(first);
                for byte in second {
                    sniffer.see(std::slice::from_ref(byte));
                }
                prop_assert_eq!(sniffer.content(), content(bytes));
            }
        }
    }
}

//! Markdown that somebody else wrote, as HTML that can do nothing. It is written here element by element, so what is
//! not on the list below does not exist: no raw HTML, no picture, no attribute of the author's but the address of a
//! link, and that only where it leads to the web or to a mailbox. Where a link leads stands beside it.

use crate::visible_text::shown;
use countersign_domain::hidden;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::fmt::Write as _;

/// Elements within each other; deeper ones are left out, and what is in them stays.
const DEEPEST: usize = 40;

/// The text as HTML, and whether it had to be cut. Invisible characters are made visible first.
pub(crate) fn html(source: &str) -> (String, bool) {
    let (text, cut) = shown(source);
    let mut page = Page::default();
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        page.write(event);
    }
    (page.html, cut)
}

#[derive(Default)]
struct Page {
    html: String,
    /// What closes the elements that are open.
    open: Vec<String>,
    in_table_head: bool,
}

impl Page {
    fn write(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) | Event::InlineMath(code) | Event::DisplayMath(code) => {
                self.html.push_str("<code>");
                self.text(&code);
                self.html.push_str("</code>");
            }
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>"),
            Event::Rule => self.html.push_str("<hr>"),
            Event::FootnoteReference(name) => self.text(&name),
            Event::TaskListMarker(done) => self.html.push_str(if done { "[x] " } else { "[ ] " }),
        }
    }

    fn text(&mut self, text: &str) {
        escape(&mut self.html, &seen(text));
    }

    fn start(&mut self, tag: Tag<'_>) {
        if self.open.len() >= DEEPEST {
            self.open.push(String::new());
            return;
        }
        let plain = |name: &str| (format!("<{name}>"), format!("</{name}>"));
        let (start, end) = match tag {
            Tag::Paragraph => plain("p"),
            // The page has its own title and parts.
            Tag::Heading { level, .. } => plain(match level {
                HeadingLevel::H1 => "h3",
                HeadingLevel::H2 => "h4",
                HeadingLevel::H3 => "h5",
                _ => "h6",
            }),
            Tag::BlockQuote(_) => plain("blockquote"),
            Tag::CodeBlock(kind) => {
                // A language is for the reader, not for the page.
                let language = match kind {
                    CodeBlockKind::Fenced(word) if !word.is_empty() => word,
                    _ => "".into(),
                };
                let mut start = "<pre class=\"payload\" tabindex=\"0\" aria-label=\"Code ".to_owned();
                escape(&mut start, &seen(&language));
                start.push_str("\">");
                (start, "</pre>".to_owned())
            }
            Tag::HtmlBlock => (
                "<pre class=\"payload\" tabindex=\"0\" aria-label=\"HTML, as it is written\">".to_owned(),
                "</pre>".to_owned(),
            ),
            Tag::List(None) => plain("ul"),
            Tag::List(Some(first)) => (format!("<ol start=\"{first}\">"), "</ol>".to_owned()),
            Tag::Item => plain("li"),
            Tag::Table(_) => ("<table>".to_owned(), "</tbody></table>".to_owned()),
            Tag::TableHead => {
                self.in_table_head = true;
                ("<thead><tr>".to_owned(), "</tr></thead><tbody>".to_owned())
            }
            Tag::TableRow => plain("tr"),
            Tag::TableCell if self.in_table_head => ("<th scope=\"col\">".to_owned(), "</th>".to_owned()),
            Tag::TableCell => plain("td"),
            Tag::Emphasis => plain("em"),
            Tag::Strong => plain("strong"),
            Tag::Strikethrough => plain("del"),
            Tag::Link { dest_url, .. } => link(&dest_url),
            Tag::Image { dest_url, .. } => {
                let mut end = String::new();
                target(&mut end, &dest_url);
                ("<span class=\"not-shown\">Picture, not loaded: ".to_owned(), end + "</span>")
            }
            _ => (String::new(), String::new()),
        };
        self.html.push_str(&start);
        self.open.push(end);
    }

    fn end(&mut self, tag: TagEnd) {
        if matches!(tag, TagEnd::TableHead) {
            self.in_table_head = false;
        }
        if let Some(end) = self.open.pop() {
            self.html.push_str(&end);
        }
    }
}

/// A link that leads outside, with where it leads; another one is no link, and says where it would lead.
fn link(address: &str) -> (String, String) {
    let (start, end) = if leads_outside(address) {
        let mut start = "<a rel=\"noopener noreferrer nofollow external\" target=\"_blank\" href=\"".to_owned();
        escape(&mut start, &seen(address));
        start.push_str("\">");
        (start, "</a>")
    } else {
        ("<span>".to_owned(), "</span>")
    };
    let mut end = end.to_owned();
    target(&mut end, address);
    (start, end)
}

fn target(html: &mut String, address: &str) {
    html.push_str(" <code class=\"link-target\">");
    escape(html, &seen(address));
    html.push_str("</code>");
}

/// Browsers skip white space and control characters in an address, and read `\` as `/`.
fn leads_outside(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let scheme = ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
    scheme && address.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '\\')
}

/// An entity (`&#x202E;`) becomes a character only here: what cannot be seen is written out.
fn seen(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut seen, c| {
        if hidden::is_hidden(c) {
            seen.push_str(&hidden::escaped(c));
        } else {
            seen.push(c);
        }
        seen
    })
}

fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        let _ = match c {
            '&' => write!(html, "&amp;"),
            '<' => write!(html, "&lt;"),
            '>' => write!(html, "&gt;"),
            '"' => write!(html, "&quot;"),
            '\'' => write!(html, "&#39;"),
            _ => html.write_char(c),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::html;

    fn of(source: &str) -> String {
        html(source).0
    }

    #[test]
    fn what_an_entity_hides_is_written_out() {
        let said = of("cost &#x202E;04$ &ZeroWidthSpace;now [a](https://a.example/&#x2066;b)");
        assert!(said.contains("cost U+202E04$ U+200Bnow"), "{said}");
        assert!(!said.chars().any(countersign_domain::hidden::is_hidden), "{said}");
    }

    #[test]
    fn plain_markdown_reads_as_its_author_meant_it() {
        assert_eq!(
            of("# A\n\nb *c* **d** `e<f>`"),
            "<h3>A</h3><p>b <em>c</em> <strong>d</strong> <code>e&lt;f&gt;</code></p>"
        );
        assert_eq!(of("- a\n- b"), "<ul><li>a</li><li>b</li></ul>");
        assert_eq!(
            of("|a|b|\n|-|-|\n|1|2|"),
            "<table><thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
        );
    }

    #[test]
    fn a_link_says_where_it_leads_and_only_the_web_and_mail_can_be_followed() {
        let html = of("[bank](https://evil.example/?a=\"b\")");
        assert!(html.contains("rel=\"noopener noreferrer nofollow external\" target=\"_blank\" href=\"https://evil.example/?a=&quot;b&quot;\""), "{html}");
        assert!(html.contains("<code class=\"link-target\">https://evil.example/?a=&quot;b&quot;</code>"), "{html}");
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
            "/t/acme",
            "#top",
            "file:///etc/passwd",
            "java\tscript:alert(1)",
            "&#106;avascript:alert(1)",
            "blob:x",
            "https:evil",
            "http:\\\\evil",
        ] {
            let html = of(&format!("[x](<{address}>)"));
            assert!(!html.contains("<a "), "{address}: {html}");
        }
    }

    #[test]
    fn raw_html_is_text_and_a_picture_is_not_loaded() {
        for source in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onclick=alert(1)>b</b>",
            "<svg onload=alert(1)>",
            "<!-- x --><iframe src=javascript:alert(1)>",
            "![x](https://evil.example/beacon.png)",
            "![<img src=x>](x \"onerror=alert(1)\")",
            "```<script>\nalert(1)\n```",
            "[x]: javascript:alert(1) \"t\"\n\n[x]",
            "<https://evil.example/\"onmouseover=alert(1)>",
        ] {
            let html = of(source);
            for tag in html.split('<').skip(1) {
                let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
                let known = ["p", "a", "b", "span", "code", "pre", "em", "h3"].contains(&name.trim_start_matches('/'));
                assert!(known, "{source}: <{name} in {html}");
                let inside = tag.split('>').next().unwrap_or_default();
                assert!(!inside.contains(" on"), "{source}: {inside}");
            }
            assert!(!html.contains("<img") && !html.contains("src=\""), "{source}: {html}");
        }
    }

    #[test]
    fn what_is_nested_without_end_stays_shallow_and_closes_what_it_opens() {
        let html = of(&">".repeat(30_000));
        assert!(html.matches("<blockquote>").count() <= super::DEEPEST, "{}", html.len());
        assert_eq!(html.matches("<blockquote>").count(), html.matches("</blockquote>").count());
        let links = of(&"[".repeat(20_000));
        assert_eq!(links.matches('[').count(), 20_000);
    }

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(of("a\u{202e}b"), "<p>a\\u{202e}b</p>");
    }
}

//! The editor of a role file: it is checked while it is written, and proposed as it stands.

use super::form::{Entry, Form, Shape};
use crate::{
    api::{
        revealed::Revealed,
        role::{check::CheckRole, propose::ProposeRole},
    },
    components::eager::Erase,
};
use leptos::{prelude::*, server_fn::ServerFn};

/// What somebody begins with who writes their first one.
pub const FIRST_FILE: &str = "\
apiVersion: countersign/v1
kind: AgentRole
metadata: { name: backend, title: Backend engineer }
spec:
  mission: Build and run the API.
  consumes: { kinds: [build_endpoint, fix_bug] }
  delegates_to: []              # agents whose queues it may put tasks into
  broadcasts: [code.changed]    # what it may tell, under events.backend.
  reads: [\"docs/**\"]            # what it may read of the Workspace
  budget: { usd_per_day: 5, on_exceed: pause }
  forbidden_actions:            # these four no role goes without
    - { action: approve_security_review }
    - { action: decide_brief }
    - { action: read_volume, scope: other_agents }
    - { action: read_secrets, scope: other_namespaces }
";

pub fn role_editor(tenant: &str, text: String) -> AnyView {
    let form = Form::new("propose", ProposeRole::url(), vec![("tenant", tenant.to_owned())]).or(CheckRole::url());
    let told = Revealed::by(CheckRole::url());
    let field = form.field(Entry {
        label: "Role file",
        name: "text",
        hint: "YAML. Its SHA-256 is its identity: a single changed character is another file, and another review.",
        value: Revealed::entered(CheckRole::url(), "text").unwrap_or(text),
        shape: Shape::Text(28),
        ..Entry::default()
    });
    let inside = view! {
        <div class="role-text" data-check="">{field}</div>
        <div class="role-acts">
            <button class="button" name="act" value=CheckRole::url() data-testid="check-button">"Check role file"</button>
            <button class="button primary" name="act" value=ProposeRole::url() data-testid="propose-button">"Propose for review"</button>
        </div>
        <p class="hint">"Proposing opens a review. Nothing runs with the file before a founder has approved it."</p>
    };
    let is_told = told.is_some();
    view! {
        <section class="panel role-panel">{form.draw(inside.erased())}</section>
        <p class="sr" role="status" data-check-words=""></p>
        // A sheet of our own, which `role/check` has drawn.
        <section class="panel role-result" data-checked="" data-testid="role-result" tabindex="-1" autofocus=is_told
            aria-label="What it comes to" inner_html=told.unwrap_or_default()></section>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checked_file_comes_back_as_it_was_written_with_what_it_comes_to() {
        Owner::new().with(|| {
            let entered =
                vec![("tenant".to_owned(), "acme".to_owned()), ("text".to_owned(), "kind: </textarea>".to_owned())];
            provide_context(Revealed::new(CheckRole::url().to_owned(), "<h2>1 fault</h2>".to_owned(), entered));
            let html = role_editor("acme", FIRST_FILE.to_owned()).to_html();
            assert!(html.contains("kind: &lt;/textarea>") && html.contains("<h2>1 fault</h2>"), "{html}");
            assert!(!html.contains("AgentRole"), "{html}");
        });
    }

    #[test]
    fn each_button_says_what_it_asks_for() {
        let html = Owner::new().with(|| role_editor("acme", FIRST_FILE.to_owned()).to_html());
        assert!(!html.contains(r#"type="hidden" name="act""#), "{html}");
        for act in [CheckRole::url(), ProposeRole::url()] {
            assert!(html.contains(&format!(r#"value="{act}""#)), "{act}: {html}");
        }
    }
}

use super::icon::Icon;
use crate::view::face::Face;
use leptos::prelude::*;

/// A state as icon, word and colour.
#[component]
pub fn Badge(face: Face) -> impl IntoView {
    view! {
        <span class=format!("badge {}", face.tone.class()) data-testid="state-badge">
            <Icon name=face.icon/>
            {face.word}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::task_state;
    use countersign_domain::task::TaskState;

    #[test]
    fn a_badge_says_its_state_in_a_word_too() {
        let html = view! { <Badge face=task_state::face(TaskState::Dead)/> }.to_html();
        insta::assert_snapshot!(html, @r#"<span data-testid="state-badge" class="badge tone-bad"><svg aria-hidden="true" focusable="false" class="icon"><use href="/icons.svg#mail-x"></use></svg>Dead</span>"#);
    }
}

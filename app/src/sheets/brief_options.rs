//! A brief's options as cards: what each leads to, what it costs, and whether there is a way back.

use super::form::{Entry, Form, Shape};
use crate::{
    components::{badge::Badge, eager::Erase, icon::Icon},
    view::brief as words,
};
use countersign_domain::reading::{BriefView, OptionView};
use leptos::prelude::*;

/// The choice of an answer that no option has.
const OWN: &str = "own";
/// What picks the first options.
const KEYS: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// To be read only.
pub fn cards(brief: &BriefView) -> AnyView {
    shown(&brief.options, None)
}

/// As they were before whoever chose one of them, if they did.
pub fn shown(options: &[OptionView], chosen: Option<&str>) -> AnyView {
    let cards = options.iter().map(|option| {
        let is_chosen = chosen == Some(option.key.as_str());
        let mark = is_chosen.then(|| view! { <span class="chosen"><Icon name="stamp"/>"Chosen"</span> });
        view! {
            <li class="option" class:is-recommended=option.is_recommended class:is-chosen=is_chosen data-testid="option" data-option=option.key.clone()>
                <p class="option-title">{title(option)}{mark}</p>
                {body(option)}
            </li>
        }
    });
    view! { <ul class="options">{cards.collect_view()}</ul> }.erased()
}

/// Each a radio button of `form`, then an answer of one's own.
pub fn choices(form: &Form, brief: &BriefView) -> AnyView {
    // Who decided on another version reads anew, and chooses anew.
    let chosen = form.entered("choice").filter(|_| !form.is_late()).unwrap_or_default();
    let wrong = form.is_wrong("choice");
    let cards = brief.options.iter().enumerate().map(|(index, option)| {
        let (id, about) = (format!("option-{index}"), format!("option-{index}-about"));
        view! {
            <div class="option is-choice" class:is-recommended=option.is_recommended data-testid="option" data-option=option.key.clone()>
                <input type="radio" id=id.clone() name="choice" value=option.key.clone() checked=chosen == option.key required=true
                    autofocus=wrong && index == 0 aria-describedby=about.clone() data-key=KEYS.get(index).copied()/>
                <label class="option-title" for=id>{title(option)}</label>
                <div id=about>{body(option)}</div>
            </div>
        }
    });
    let cards = cards.collect_view();
    let answer = form.field(Entry {
        label: "Your answer",
        name: "answer",
        hint: "Its author acts on exactly these words",
        optional: true,
        shape: Shape::Text(3),
        ..Entry::default()
    });
    view! {
        <fieldset class="options">
            <legend class="sr">"Your choice"</legend>
            {cards}
            <div class="option is-choice option-own" data-testid="option-own">
                <input type="radio" id="option-own" name="choice" value=OWN checked=chosen == OWN required=true
                    data-key=KEYS.get(brief.options.len()).copied()/>
                <label class="option-title" for="option-own">"An answer of your own"</label>
                {answer}
            </div>
        </fieldset>
    }
    .erased()
}

fn title(option: &OptionView) -> AnyView {
    let recommended = option.is_recommended.then(|| {
        view! { <span class="recommended"><Icon name="badge-check"/>"Recommended"</span> }
    });
    let silence = option.is_of_silence.then(|| {
        view! { <span class="of-silence"><Icon name="hourglass"/>"Silence takes it"</span> }
    });
    view! {
        <span class="option-key">{option.key.clone()}</span>
        <span class="option-words">{option.title.clone()}</span>
        {recommended}
        {silence}
    }
    .erased()
}

fn body(option: &OptionView) -> AnyView {
    let shares = option.allocation.clone().map(|words| {
        view! { <p class="option-shares" data-testid="option-shares"><span class="sr">"Shares: "</span>{words}</p> }
    });
    let effort = option.effort.clone().map(|effort| view! { <div><dt>"Effort"</dt><dd>{effort}</dd></div> });
    let (tone, icon, back) = if option.is_reversible {
        ("tone-quiet", "undo-2", "Can be undone")
    } else {
        ("tone-bad", "ban", "Cannot be undone")
    };
    let risk = option.risk.as_deref().and_then(words::risk).map(|face| {
        view! { <div><dt>"Risk"</dt><dd><Badge face/></dd></div> }
    });
    // What is saved is said in a word, and written without a sign.
    let word = if option.cost_micro_usd < 0 { "Saves" } else { "Costs" };
    let cost = option.cost.trim_start_matches('-').to_owned();
    view! {
        <p class="option-effect">{option.consequence.clone()}</p>
        <dl class="option-facts">
            <div><dt>{word}</dt><dd class="mono">{cost}</dd></div>
            {effort}
            <div><dt>"Way back"</dt><dd class=format!("way-back {tone}")><Icon name=icon/>{back}</dd></div>
            {risk}
        </dl>
        {shares}
    }
    .erased()
}

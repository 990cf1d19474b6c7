//! Forms that change something.

use super::proof::proof;
use crate::api::{ApiError, refusal::Refusal};
use crate::components::eager::Erase;
use leptos::prelude::*;

/// A form that asks for one server function. Refused, it comes back with the error and all that was entered.
pub struct Form {
    name: String,
    act: &'static str,
    hidden: Vec<(&'static str, String)>,
    refusal: Option<Refusal>,
    listens: bool,
    /// Its buttons say what they ask for.
    chooses: bool,
}

/// A field of a form.
#[derive(Default)]
pub struct Entry {
    pub label: &'static str,
    /// The argument of the server function that it fills.
    pub name: &'static str,
    pub hint: &'static str,
    /// What stands in it before anybody writes.
    pub value: String,
    pub optional: bool,
    pub shape: Shape,
    /// What is wrong with what was entered, where a form says that of several fields at once.
    pub fault: Option<String>,
}

/// What a field takes.
#[derive(Default)]
pub enum Shape {
    #[default]
    Line,
    /// A line with suggestions.
    Suggested(Vec<String>),
    /// Several lines, so many of them in sight.
    Text(u32),
    /// A number from and up to.
    Number(u32, u32),
    /// Date and time.
    Moment,
    /// A line of this type that the browser may know, and what it calls it.
    Known(&'static str, &'static str),
    /// One of these, as (value, words).
    Choice(&'static [(&'static str, &'static str)]),
    /// The password that somebody has, or a new one: never written back.
    Password(&'static str),
}

/// A box to tick.
pub struct Tick {
    /// What it adds to the argument of the server function.
    pub value: &'static str,
    pub label: &'static str,
    /// Whether it is ticked before anybody chooses.
    pub on: bool,
}

impl Form {
    /// `name` tells it from other forms of the page; `act` is the address of the server function; `hidden`
    /// are arguments that nobody enters.
    pub fn new(name: impl Into<String>, act: &'static str, hidden: Vec<(&'static str, String)>) -> Self {
        let refusal = Refusal::of(act, &hidden);
        Self { name: name.into(), act, hidden, refusal, listens: false, chooses: false }
    }

    /// A passkey that the browser offers by itself sends it.
    pub fn listening(self) -> Self {
        Self { listens: true, ..self }
    }

    /// It asks for the server function `act` as well: each of its buttons says by its name `act` and its value
    /// what pressing it asks for.
    pub fn or(self, act: &str) -> Self {
        let refusal = self.refusal.or_else(|| Refusal::of(act, &self.hidden));
        Self { refusal, chooses: true, ..self }
    }

    /// Whether it is what brought this page: then it must be in sight.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// What was entered as `name` when it was refused.
    pub fn entered(&self, name: &str) -> Option<&str> {
        self.refusal.as_ref()?.entered(name)
    }

    /// Whether it was refused for this field.
    pub fn is_wrong(&self, name: &str) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.error().about(name).is_some())
    }

    /// Whether what it is about had changed when it came.
    pub fn is_late(&self) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| matches!(refusal.error(), ApiError::Conflict { .. }))
    }

    /// By which a button that stands elsewhere belongs to it.
    pub fn id(&self) -> String {
        format!("{}-form", self.name)
    }

    /// A labelled field with its hint.
    pub fn field(&self, entry: Entry) -> AnyView {
        let Entry { label, name, hint, value, optional, shape, fault } = entry;
        let id = format!("{}-{name}", self.name);
        let (hint_id, list_id, fault_id) = (format!("{id}-hint"), format!("{id}-list"), format!("{id}-fault"));
        let value = self.refusal.as_ref().and_then(|refusal| refusal.entered(name)).map_or(value, ToOwned::to_owned);
        let wrong = self.refusal.as_ref().is_some_and(|refusal| refusal.error().about(name).is_some());
        let invalid = (wrong || fault.is_some()).then_some("true");
        let described_by = match (wrong, hint.is_empty()) {
            _ if fault.is_some() => Some(fault_id.clone()),
            (true, _) => Some(self.error_id()),
            (false, false) => Some(hint_id.clone()),
            (false, true) => None,
        };
        let testid = format!("field-{name}");
        let input = |kind: &'static str, known: &'static str, list: Option<String>, bounds: Option<(u32, u32)>| {
            let (min, max) = bounds.unzip();
            view! {
                <input id=id.clone() name=name type=kind value=value.clone() required=!optional list=list min=min max=max
                    autocomplete=known autocapitalize="none" spellcheck="false" autofocus=wrong
                    aria-invalid=invalid aria-describedby=described_by.clone() data-testid=testid.clone()/>
            }
            .erased()
        };
        let control = match shape {
            Shape::Line => input("text", "off", None, None),
            Shape::Moment => input("datetime-local", "off", None, None),
            Shape::Known(kind, known) => input(kind, known, None, None),
            Shape::Password(which) => view! {
                <input id=id.clone() name=name type="password" required=!optional autocomplete=which autofocus=wrong
                    aria-invalid=invalid aria-describedby=described_by.clone() data-testid=testid.clone()/>
            }
            .erased(),
            Shape::Number(least, most) => input("number", "off", None, Some((least, most))),
            Shape::Suggested(names) => {
                let options = names.into_iter().map(|name| view! { <option value=name></option> }).collect_view();
                view! {
                    {input("text", "off", Some(list_id.clone()), None)}
                    <datalist id=list_id>{options}</datalist>
                }
                .erased()
            }
            Shape::Choice(choices) => {
                let options = choices.iter().map(|(choice, words)| {
                    view! { <option value=*choice selected=*choice == value>{*words}</option> }
                });
                view! {
                    <select id=id.clone() name=name required=!optional autofocus=wrong aria-invalid=invalid
                        aria-describedby=described_by.clone() data-testid=testid.clone()>{options.collect_view()}</select>
                }
                .erased()
            }
            // Leptos writes the text of this element as it is. A line break right after the tag is no part of
            // the text (HTML, section 13.1.2.5): this one is that.
            Shape::Text(rows) => view! {
                <textarea id=id.clone() name=name rows=rows required=!optional autocomplete="off" autocapitalize="none"
                    spellcheck="false" autofocus=wrong aria-invalid=invalid aria-describedby=described_by.clone()
                    data-testid=testid.clone()>{format!("\n{}", escaped(&value))}</textarea>
            }
            .erased(),
        };
        let hint = (!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> });
        let fault =
            fault.map(|fault| view! { <p class="field-error" id=fault_id data-testid="field-error">{fault}</p> });
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                {control}
                {fault}
                {hint}
            </div>
        }
        .erased()
    }

    /// Boxes to tick, which fill the argument `name`, a list.
    pub fn ticks(&self, name: &'static str, legend: &'static str, ticks: Vec<Tick>) -> AnyView {
        let wrong = self.refusal.as_ref().is_some_and(|refusal| refusal.error().about(name).is_some());
        let each = format!("{name}[]");
        let described_by = wrong.then(|| self.error_id());
        let boxes = ticks.into_iter().enumerate().map(|(index, Tick { value, label, on })| {
            let on = self.refusal.as_ref().map_or(on, |refusal| refusal.has_entered(&each, value));
            view! {
                <label class="check">
                    <input type="checkbox" name=each.clone() value=value checked=on autofocus=wrong && index == 0
                        aria-describedby=described_by.clone() data-testid=format!("field-{value}")/>
                    {label}
                </label>
            }
        });
        view! {
            <fieldset class="ticks">
                <legend>{legend}</legend>
                {boxes.collect_view()}
            </fieldset>
        }
        .erased()
    }

    /// The form with `inside`: its fields, its button and what pressing that will do.
    pub fn draw(self, inside: AnyView) -> AnyView {
        let (error_id, id) = (self.error_id(), self.id());
        let asked = self.refusal.as_ref().and_then(Refusal::proof);
        let asked = asked.map(|with| proof(&self.name, with, self.refusal.as_ref()));
        // The question says by itself what is lacking.
        let told = self.refusal.filter(|refusal| *refusal.error() != ApiError::StepUp || asked.is_none());
        let error = told.map(|refusal| error(&refusal, error_id));
        let act = (!self.chooses).then(|| view! { <input type="hidden" name="act" value=self.act/> });
        let hidden =
            self.hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        view! {
            <form class="act" id=id method="post" data-act="" data-passkey-listen=self.listens.then_some("") data-testid=self.name>
                {act}
                {hidden.collect_view()}
                {error}
                {asked}
                {inside}
            </form>
        }
        .erased()
    }

    /// Why it was refused, where it has no place on its page any more: what it was about has changed meanwhile.
    pub fn missed(self) -> Option<AnyView> {
        let id = self.error_id();
        self.refusal.map(|refusal| error(&refusal, id))
    }

    fn error_id(&self) -> String {
        format!("{}-error", self.name)
    }
}

fn error(refusal: &Refusal, id: String) -> AnyView {
    let text = refusal.error().to_string();
    // A field that is wrong takes the focus itself.
    let alone = !matches!(refusal.error(), ApiError::Invalid { field, .. } if !field.is_empty());
    view! { <p class="form-error" id=id role="alert" tabindex="-1" autofocus=alone data-testid="form-error">{text}</p> }
        .erased()
}

/// `text` as it must be written between the tags of an element whose text ends only with its own end tag.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> String {
        let form = Form::new("dismiss", "/api/letter/dismiss", vec![("id", "7".to_owned())]);
        let field = form.field(Entry { label: "Reason", name: "reason", hint: "Kept", ..Entry::default() });
        form.draw(field).to_html()
    }

    #[test]
    fn a_long_text_cannot_end_its_own_field() {
        Owner::new().with(|| {
            let value = "&lt; </textarea><img>".to_owned();
            let form = Form::new("mend", "/api/letter/mend", Vec::new());
            let html =
                form.field(Entry { name: "payload", value, shape: Shape::Text(3), ..Entry::default() }).to_html();
            assert!(html.contains(">\n&amp;lt; &lt;/textarea>&lt;img></textarea>"), "{html}");
        });
    }

    #[test]
    fn a_refused_form_comes_back_with_the_error_and_what_was_entered() {
        Owner::new().with(|| {
            let clean = form();
            assert!(!clean.contains("form-error") && !clean.contains("aria-invalid"), "{clean}");
            let error = ApiError::Invalid { field: "reason".to_owned(), message: "Say <why>.".to_owned() };
            let entered = [("id", "7"), ("reason", "\"><b>")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            provide_context(Refusal::new("/api/letter/dismiss".to_owned(), error, entered.into()));
            let refused = form();
            for part in ["Say &lt;why&gt;.", r#"aria-invalid="true""#, "&quot;&gt;&lt;b&gt;", r#"id="dismiss-error""#] {
                assert!(refused.contains(part), "{part}: {refused}");
            }
        });
    }
}

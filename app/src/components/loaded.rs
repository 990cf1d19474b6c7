use super::eager::Erase;
use super::{problem::Problem, skeleton::Skeleton};
use crate::api::{
    ApiError,
    reading::{Ask, Question, Text},
};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Shows the answer to `question` once it is there: a skeleton before, the problem and a way to retry
/// where it failed. While another question is asked, what was shown stays.
pub fn loaded<T>(
    question: Memo<Question>,
    ask: Ask,
    show: impl Fn(T, Question) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: DeserializeOwned,
{
    let source = asked(question, ask);
    let retry = Callback::new(move |()| source.refetch());
    let show = move |answer: Result<Text, ApiError>| match answer.and_then(|text| text.read()) {
        Ok(reading) => show(reading, question.get_untracked()),
        Err(error) => view! { <Problem error retry/> }.erased(),
    };
    once_answered(source, || view! { <Skeleton/> }.erased(), Arc::new(show))
}

/// The answer to `question`, asked anew when it changes.
pub fn asked(question: Memo<Question>, ask: Ask) -> Answer {
    Resource::new(move || question.get(), ask)
}

/// An answer that may be on its way.
pub type Answer = Resource<Result<Text, ApiError>>;

/// Draws `waiting`, then what `show` makes of the answer. Compiled once, for all readings.
pub fn once_answered(
    source: Answer,
    waiting: fn() -> AnyView,
    show: Arc<dyn Fn(Result<Text, ApiError>) -> AnyView + Send + Sync>,
) -> AnyView {
    view! {
        <Transition fallback=waiting>
            {move || {
                let show = Arc::clone(&show);
                Suspend::new(async move { show(source.await) })
            }}
        </Transition>
    }
    .erased()
}

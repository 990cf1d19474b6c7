use super::eager::Erase;
use super::{problem::Problem, skeleton::Skeleton};
use crate::api::ApiError;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// Shows `source` once it is there: a skeleton before, the problem and a way to retry where it failed.
/// While it is read again, what was shown stays.
#[component]
pub fn Loaded<T, Show, Shown>(
    source: Resource<Result<T, ApiError>>,
    show: Show,
    #[prop(default = 6)] rows: u32,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Show: Fn(T) -> Shown + Clone + Send + Sync + 'static,
    Shown: IntoView + 'static,
{
    let retry = Callback::new(move |()| source.refetch());
    view! {
        <Transition fallback=move || {
            view! { <Skeleton rows/> }
        }>
            {move || {
                let show = show.clone();
                Suspend::new(async move {
                    match source.await {
                        Ok(value) => show(value).erased(),
                        Err(error) => view! { <Problem error retry/> }.erased(),
                    }
                })
            }}
        </Transition>
    }
    .erased()
}

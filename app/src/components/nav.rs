use super::eager::Erase;
use super::icon::Icon;
use crate::{
    api::reading::Question,
    view::{number, path},
};
use countersign_domain::reading::Overview;
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_params_map};

/// What waits, as far as the pages seen so far have told.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Dead letters that wait for the founder.
    pub waiting: RwSignal<Option<u64>>,
    pub lost_agents: RwSignal<Option<u64>>,
    pub quarantined: RwSignal<Option<u64>>,
    /// Role files that wait for a founder.
    pub reviews: RwSignal<Option<u64>>,
    /// Briefs that wait for a founder, as the inbox has told.
    pub inbox: RwSignal<Option<u64>>,
}

impl Counts {
    pub fn provide() {
        let unknown = || RwSignal::new(None);
        provide_context(Self {
            waiting: unknown(),
            lost_agents: unknown(),
            quarantined: unknown(),
            reviews: unknown(),
            inbox: unknown(),
        });
    }

    /// Takes what the overview has counted.
    pub fn take(self, sheet: &Overview) {
        self.waiting.set(Some(sheet.waiting_count));
        self.quarantined.set(Some(sheet.quarantined));
        self.reviews.set(Some(sheet.open_reviews));
        self.inbox.set(Some(sheet.open_briefs));
        self.lost_agents.set(u64::try_from(sheet.lost_agents.len()).ok());
    }
}

/// The tenant whose pages are shown, by the name in the address.
#[derive(Debug, Clone, Copy)]
pub struct Tenant(pub Memo<String>);

impl Tenant {
    /// Provides the tenant to everything below.
    pub fn provide(name: String) {
        provide_context(Self(Memo::new(move |_| name.clone())));
    }

    pub fn here() -> Memo<String> {
        expect_context::<Self>().0
    }

    /// The question of a page that shows one reading of the tenant.
    pub fn question() -> Memo<Question> {
        let tenant = Self::here();
        Memo::new(move |_| Question { tenant: tenant.get(), ..Question::default() })
    }

    /// The question of a page about the one thing that `parameter` of the address names.
    pub fn question_about(parameter: &'static str) -> Memo<Question> {
        let (tenant, params) = (Self::here(), use_params_map());
        Memo::new(move |_| Question {
            tenant: tenant.get(),
            item: params.with(|params| params.get(parameter).unwrap_or_default()),
            ..Question::default()
        })
    }
}

/// The pages of a tenant: in the sidebar with their keys, or as tabs at the bottom of a small screen.
#[component]
pub fn Nav(#[prop(optional)] tabs: bool) -> impl IntoView {
    let counts = expect_context::<Counts>();
    view! {
        <nav class=if tabs { "tabs" } else { "side-nav" } aria-label=if tabs { "Pages" } else { "Main" }>
            <ul>
                <NavItem tabs rest="" exact=true icon="scroll-text" word="Overview" keys="g o"/>
                <NavItem tabs rest="/inbox" icon="inbox" word="Inbox" keys="g i" count=counts.inbox what="wait"/>
                // At a desk one sits: on a small screen the inbox leads there.
                {(!tabs).then(|| view! { <NavItem tabs rest="/desk" icon="stamp" word="Desk" keys="g m"/> })}
                // On a small screen the inbox leads there.
                {(!tabs).then(|| view! { <NavItem tabs rest="/decisions" icon="badge-check" word="Decisions" keys="g n"/> })}
                <NavItem tabs rest="/tasks" icon="list-checks" word="Tasks" keys="g t"/>
                <NavItem tabs rest="/reviews" icon="stamp" word="Reviews" keys="g r" count=counts.reviews what="wait"/>
                // Six tabs at 360 px leave no room for two words.
                <NavItem tabs rest="/dead-letters" icon="mail-x" word=if tabs { "Letters" } else { "Dead letters" } keys="g d" count=counts.waiting what="wait"/>
                <NavItem tabs rest="/fleet" icon="bot" word="Fleet" keys="g f" count=counts.lost_agents what="lost"/>
                // The overview leads there as soon as something is kept.
                {(!tabs).then(|| view! { <NavItem tabs rest="/quarantine" icon="shield-alert" word="Quarantine" keys="g q" count=counts.quarantined what="kept"/> })}
                {(!tabs).then(|| view! { <NavItem tabs rest="/artifacts" icon="archive" word="Artifacts" keys="g b"/> })}
                {(!tabs).then(|| view! { <NavItem tabs rest="/audit" icon="history" word="Audit" keys="g a"/> })}
            </ul>
        </nav>
    }
    .erased()
}

#[component]
fn NavItem(
    tabs: bool,
    rest: &'static str,
    #[prop(optional)] exact: bool,
    icon: &'static str,
    word: &'static str,
    keys: &'static str,
    #[prop(optional)] count: Option<RwSignal<Option<u64>>>,
    /// What the count counts, for those who hear the page.
    #[prop(optional)]
    what: &'static str,
) -> impl IntoView {
    let tenant = Tenant::here();
    let shown = move || {
        let number = count.and_then(|count| count.get()).filter(|number| *number > 0)?;
        Some(view! {
            <span class="count">
                {number::grouped(number)}
                <span class="sr">" "{what}</span>
            </span>
        })
    };
    let inside = view! {
        <Icon name=icon/>
        <span class="side-label">{word}</span>
        {shown}
    }
    .erased();
    view! {
        <li>
            <A href=move || path::of_tenant(&tenant.get(), rest) exact attr:data-key=(!tabs).then_some(keys) attr:title=word>{inside}</A>
        </li>
    }
    .erased()
}

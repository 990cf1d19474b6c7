use super::eager::Erase;
use super::{
    icon::Icon,
    key_map::KeyMap,
    key_sheet::KeySheet,
    live_status::LiveStatus,
    live_status::LiveStrip,
    loaded::{asked, once_answered},
    nav::Counts,
    nav::Nav,
    nav::Tenant,
    presses::Presses,
    theme_switch::ThemeSwitch,
};
use crate::{
    api::{
        ApiError,
        account::{read_viewer::read_viewer, sign_out::SignOut},
        overview::read::read_overview,
        reading::Text,
    },
    live::{Live, Stream},
    view::path,
};
use countersign_domain::reading::{Overview, Viewer};
use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    components::{A, Outlet},
    hooks::use_params_map,
};
use std::sync::Arc;

/// What surrounds every page of a tenant: navigation, who is signed in, the live stream and the keys.
#[component]
pub fn Frame() -> impl IntoView {
    let params = use_params_map();
    let tenant = Memo::new(move |_| params.with(|params| params.get("tenant").unwrap_or_default()));
    provide_context(Tenant(tenant));
    Counts::provide();
    Live::provide(tenant);
    count_once(tenant);
    let viewer = asked(Tenant::question(), |question| Box::pin(read_viewer(question.tenant)));
    let live = Live::here();
    Effect::new(move || {
        // The page came while the server was not answering: now it is.
        if live.stream() == Stream::Open && viewer.with_untracked(|viewer| matches!(viewer, Some(Err(_)))) {
            viewer.refetch();
        }
    });
    // Read when the head is written, after everything else: known by then.
    let organization = ArcRwSignal::new(None::<String>);
    let named = organization.clone();
    let formatter = move |page: String| match named.get() {
        Some(organization) => format!("{page} · {organization} · Countersign"),
        None => format!("{page} · Countersign"),
    };
    let side = move |answer: Result<Text, ApiError>| {
        let viewer = answer.and_then(|text| text.read::<Viewer>()).ok();
        organization.set(viewer.as_ref().map(|viewer| viewer.tenant_name.clone()));
        viewer.map(|viewer| view! { <Side viewer/> }).erased()
    };
    view! {
        <Title formatter/>
        <div class="frame">
            <a class="skip" href="#main" rel="external">"Skip to content"</a>
            <aside class="side">
                {once_answered(viewer, || ().erased(), Arc::new(side))}
            </aside>
            <main id="main" tabindex="-1">
                <LiveStrip/>
                <Outlet/>
            </main>
            <Nav tabs=true/>
        </div>
        <KeyMap/>
        <Presses/>
    }
    .erased()
}

/// Asks once for what waits, for those who do not begin with the overview; pages know better later.
fn count_once(tenant: Memo<String>) {
    let counts = expect_context::<Counts>();
    Effect::new(move || {
        let asked = read_overview(tenant.get());
        spawn_local(async move {
            let sheet = asked.await.and_then(|text| text.read::<Overview>());
            if let (Ok(sheet), Some(None)) = (sheet, counts.waiting.try_get_untracked()) {
                counts.take(&sheet);
            }
        });
    });
}

#[component]
fn Side(viewer: Viewer) -> impl IntoView {
    let home = path::of_tenant(&viewer.tenant_slug, "");
    let security = path::of_tenant(&viewer.tenant_slug, "/settings/security");
    view! {
        <a class="brand" href=home>
            <Icon name="mark"/>
            <span class="side-label">
                <span class="brand-name">"Countersign"</span>
                <span class="brand-tenant">{viewer.tenant_name}</span>
            </span>
        </a>
        <div class="switch" inner_html=viewer.switch></div>
        <Nav/>
        <div class="side-foot">
            <div class="side-tools">
                <LiveStatus/>
                <KeySheet/>
                <ThemeSwitch/>
            </div>
            <div class="viewer">
                <span class="viewer-words side-label" title=viewer.email>
                    <span class="viewer-name">{viewer.name}</span>
                    <span class="viewer-role">{viewer.role.as_str()}</span>
                </span>
                <A href=security attr:class="icon-button" attr:title="Your security" attr:data-key="g s">
                    <Icon name="key-round"/>
                    <span class="sr">"Your security"</span>
                </A>
                // A plain form: leaving loads a new page, so nothing of the session stays in memory.
                <form method="post" action=SignOut::url()>
                    <button class="icon-button" title="Sign out">
                        <Icon name="log-out"/>
                        <span class="sr">"Sign out"</span>
                    </button>
                </form>
            </div>
        </div>
    }
    .erased()
}

//! `countersign serve`: database, bus, bridge, console, in this order; and back in the other.

use crate::{
    artifact_keeper, brief_desk,
    command::{BUS_FILE, CONSOLE_FILE, SOCKET_FILE},
    compose::{self, Databases},
    embedded::{DataDir, EmbeddedNats, EmbeddedPostgres, Restart},
    http, lifecycle, notice_desk, post_office,
    settings::{BusAt, Database, Settings},
    surroundings::{SystemClock, SystemEntropy},
};
use anyhow::{Context, bail};
use countersign_bus::{Bridge, Identity, ServerPaths, Wakers, config_text};
use countersign_domain::reading::Connect;
use countersign_service::ports::{Clock, Entropy};
use countersign_store::Changes;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Notify};
use tokio_util::sync::CancellationToken;

/// Time to end well after being told to stop.
const GRACE: Duration = Duration::from_secs(8);

/// What was started beside us and must be stopped after us.
#[derive(Default)]
struct Children {
    postgres: Option<EmbeddedPostgres>,
    nats: Option<EmbeddedNats>,
}

pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let stop = lifecycle::stop_on_signals()?;
    // Before anything is started: a mistake here should cost no waiting.
    let site = http::site::Site::read(&settings.site_dir)?;
    let listener = listen(&settings).await?;
    let address = listener.local_addr()?;

    let mut children = Children::default();
    let stands = CancellationToken::new();
    let served = tokio::select! {
        served = serve(&settings, site, listener, address, &mut children, &stop, &stands) => served,
        () = given_up(&stop, &stands) => Ok(()),
    };
    let _ = std::fs::remove_file(settings.embedded.data_dir.join(CONSOLE_FILE));
    if let Some(nats) = children.nats.take() {
        let _ = std::fs::remove_file(settings.embedded.data_dir.join(BUS_FILE));
        nats.stop().await;
    }
    if let Some(postgres) = children.postgres.take() {
        let _ = std::fs::remove_file(settings.embedded.data_dir.join(SOCKET_FILE));
        postgres.stop().await;
    }
    served
}

/// Ends when the server is to stop: at once while it starts, and when it stands, after it had its time to
/// answer what was asked and to give its duties back.
async fn given_up(stop: &CancellationToken, stands: &CancellationToken) {
    stop.cancelled().await;
    if stands.is_cancelled() {
        tokio::time::sleep(GRACE).await;
    }
}

async fn serve(
    settings: &Settings,
    site: http::site::Site,
    listener: TcpListener,
    address: SocketAddr,
    children: &mut Children,
    stop: &CancellationToken,
    stands: &CancellationToken,
) -> anyhow::Result<()> {
    let data_dir = if settings.uses_data_dir() { Some(DataDir::open(&settings.embedded.data_dir)?) } else { None };
    let owner = match &settings.database {
        Database::Given(options) => (**options).clone(),
        Database::Embedded => {
            let dir = data_dir.as_ref().context("the embedded database needs a data directory")?;
            let postgres = EmbeddedPostgres::start(dir, &settings.embedded).await?;
            let options = postgres.connect_options();
            children.postgres = Some(postgres);
            let socket = options.get_socket().context("the embedded database listens on a socket")?;
            std::fs::write(dir.path().join(SOCKET_FILE), format!("{}:{}", socket.display(), options.get_port()))?;
            options
        }
    };
    let databases = Databases::open(owner).await?;
    let identity = compose::identity(settings, &databases).await?;
    let bus_url = match &settings.bus {
        BusAt::Given(url) => url.clone(),
        BusAt::Embedded => {
            let dir = data_dir.as_ref().context("the embedded bus needs a data directory")?;
            let nats = start_nats(settings, dir, &identity).await?;
            let url = nats.url();
            std::fs::write(dir.path().join(BUS_FILE), &url)?;
            children.nats = Some(nats);
            url
        }
    };
    if let Some(dir) = &data_dir {
        std::fs::write(dir.path().join(CONSOLE_FILE), reachable(&format!("http://{address}")))?;
    }
    let console_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let public_bus_url = settings.public_bus_url.clone().unwrap_or_else(|| reachable(&bus_url));
    let connect = Connect { console_url: console_url.clone(), bus_url: public_bus_url.clone() };

    let (bus, health) = compose::bus(settings, identity);
    let service = compose::service(settings, &databases, bus.clone(), connect)?;
    let changes = Changes::listen(databases.owner.clone());
    let replica = SystemEntropy.uuid(SystemClock.now());
    let record = compose::record(&databases);
    let duties = Arc::clone(&record.duties);
    let bridge = Bridge::new(bus, record, replica, move || bus_url.clone(), settings.allow_unsynced_bus);
    wake_on_change(&changes, bridge.wakers(), bridge.tenants_waker());
    if let Some(nats) = &children.nats {
        restart_when_stopped(nats.restart(), bridge.stopped_writing());
    }
    let bridge = tokio::spawn(bridge.run());

    println!("Console: {console_url}");
    println!("Bus: {public_bus_url}");
    if let Some(token) = service.new_set_up_link().await? {
        println!("Set up: {console_url}/set-up/{token}");
    }
    let post_office = tokio::spawn(post_office::run(service.clone(), stop.clone()));
    let artifact_keeper = tokio::spawn(artifact_keeper::run(service.clone()));
    let desk = brief_desk::run(service.clone(), Arc::new(SystemClock), changes.clone(), stop.clone());
    let brief_desk = tokio::spawn(desk);
    let notice_desk = tokio::spawn(notice_desk::run(service.clone(), changes.clone(), stop.clone()));
    let webhook_office = tokio::spawn(notice_desk::send(service.clone(), stop.clone()));
    let state = http::AppState {
        service,
        changes,
        health,
        database: databases.web.clone(),
        site,
        secure: console_url.starts_with("https://"),
        own_url: console_url.as_str().into(),
        trusted_proxies: settings.trusted_proxies.clone().into(),
        stop: stop.clone(),
    };
    stands.cancel();
    http::serve(listener, state).await?;
    bridge.abort();
    post_office.abort();
    artifact_keeper.abort();
    brief_desk.abort();
    notice_desk.abort();
    webhook_office.abort();
    // Other replicas need not wait until it shows that we are gone.
    let _ = tokio::time::timeout(Duration::from_secs(2), duties.release(replica)).await;
    databases.close().await;
    Ok(())
}

/// The address to listen on, or the next free one where the person did not ask for this one.
async fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let mut address = settings.listen;
    for _ in 0..100 {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                if !settings.any_port {
                    bail!("Another program listens on {address}. Stop it, or choose another address with --listen.");
                }
                tracing::info!(%address, "taken; trying the next port");
                address.set_port(address.port() + 1);
            }
            Err(error) => return Err(error).with_context(|| format!("Cannot listen on {address}.")),
        }
    }
    bail!("No port from {} on is free. Choose an address with --listen.", settings.listen)
}

async fn start_nats(settings: &Settings, dir: &DataDir, identity: &Identity) -> anyhow::Result<EmbeddedNats> {
    // Asked again before each start of the child; a failure then shows as its refusal to start.
    let identity = identity.clone();
    let nats = EmbeddedNats::start(dir, &settings.embedded, move |paths| {
        let paths = ServerPaths {
            listen: paths.host,
            port: paths.port,
            jetstream_dir: paths.store_dir.display().to_string(),
            jwt_dir: paths.jwt_dir.display().to_string(),
        };
        config_text(&identity, &paths, SystemClock.now()).unwrap_or_else(|error| {
            tracing::error!(%error, "the bus has no configuration");
            String::new()
        })
    })
    .await?;
    Ok(nats)
}

/// A nats-server whose disk was full does not write again by itself. The bridge notifies until it does.
fn restart_when_stopped(nats: Restart, stopped: Arc<tokio::sync::Notify>) {
    tokio::spawn(async move {
        loop {
            stopped.notified().await;
            nats.when_there_is_room();
        }
    });
}

/// `0.0.0.0` is an address to listen on, not one to connect to.
fn reachable(url: &str) -> String {
    url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
}

/// What a change asks of the bus is done at once, whichever replica wrote it: a new tenant's account, an
/// agent's queue, a pause, a message in the outbox.
fn wake_on_change(changes: &Changes, wakers: Wakers, tenants: Arc<Notify>) {
    let mut changes = changes.subscribe();
    tokio::spawn(async move {
        loop {
            match changes.recv().await {
                Ok(change) => {
                    if change.fleet {
                        tenants.notify_one();
                        wakers.fleet.notify_one();
                    }
                    if change.outbox {
                        wakers.outbox.notify_one();
                    }
                }
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
    });
}

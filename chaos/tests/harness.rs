//! The harness itself: a fault that did not fire, or damage that nobody saw, would make every row a lie.

use countersign_chaos::{
    Context, Profile, invariant, process,
    stack::{Spec, Stack},
};
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Postgres and nats-server alone; the tenant's set-up has made the first entries of its journal.
async fn with_stack(body: impl AsyncFnOnce(&Stack) -> anyhow::Result<()>) {
    let context = Context {
        profile: Profile::Ci,
        seed: 1,
        program: "no server is started".into(),
        keep: false,
        stop: CancellationToken::new(),
    };
    let spec = Spec { servers: 0, ..Spec::default() };
    Stack::with(&context, spec, body).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_to_journal_and_inbox_is_found() {
    with_stack(async |stack| {
        let whole = invariant::check(&stack.owner()).await?;
        assert_eq!(whole.broken, Vec::<String>::new());
        assert!(whole.journal_entries >= 2);
        let damages = [
            ("update journal set canonical = canonical || ' '::bytea where seq = 1", "entry 1 is not chained"),
            ("delete from journal where seq = 1", "entry 1 is missing"),
            ("update journal_head set seq = seq + 1", "the head says"),
            ("insert into inbox select id, 'x'::bytea, 0 from tenant", "inbox: 1 rows"),
        ];
        for (damage, told) in damages {
            let mut owner = PgConnection::connect_with(&stack.owner()).await?;
            sqlx::query(damage).execute(&mut owner).await?;
            let broken = invariant::check(&stack.owner()).await?.broken.join("; ");
            assert!(broken.contains(told), "{damage}: {broken}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_comes_back_as_another_with_its_data() {
    with_stack(async |stack| {
        let postgres = stack.postgres.kill(Duration::ZERO).await?;
        let nats = stack.nats.kill(Duration::from_millis(50)).await?;
        for killed in [&postgres, &nats] {
            assert!(process::is_gone(killed.old) && !process::is_gone(killed.new), "{killed:?}");
        }
        assert_eq!(stack.nats.pid().await?, nats.new);
        assert_eq!(invariant::check(&stack.owner()).await?.broken, Vec::<String>::new());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_runs_and_nothing_lies_about_afterwards() {
    let mut seen = (Vec::new(), None);
    with_stack(async |stack| {
        let (postgres, nats) = (stack.postgres.pid().await?, stack.nats.pid().await?);
        let frozen = process::family(postgres);
        assert!(frozen.len() > 1, "its sessions too");
        // Frozen processes take longer to stop; they must be stopped all the same.
        process::freeze(&[nats]).await?;
        seen = ([frozen, vec![nats]].concat(), Some(stack.dir().to_owned()));
        Ok(())
    })
    .await;
    let (pids, dir) = seen;
    assert!(pids.into_iter().all(process::is_gone));
    assert!(!dir.unwrap().exists());
}

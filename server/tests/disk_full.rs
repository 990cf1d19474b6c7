//! A data directory whose disk is full.

mod harness;

use countersign_domain::task::TaskState;
use harness::{Server, ask::ask, eventually, temp_dir};
use sqlx::{ConnectOptions, Executor};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A small file system of the test's own; unmounted when dropped.
struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// `None` where mounting is not allowed.
    fn mount(at: &Path, mebibytes: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let options = format!("size={mebibytes}m,mode=0711");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self { at: at.to_owned() })
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("lost+found")
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.ballast()).unwrap();
        let block = [0_u8; 4096];
        while file.write_all(&block).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_said_loses_nothing_and_is_over_when_there_is_room() {
    let temp = temp_dir();
    let Some(disk) = SmallDisk::mount(&temp.path().join("data"), 320) else {
        println!("skipped: this user may not mount a file system");
        return;
    };
    let server = Server::start_in(temp.path(), &[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let cso = agent.connect().await;
    // Signing in is journaled, which needs room: whoever is signed in already sees why nothing goes on.
    let cookie = desk.cookie().await;
    let mut accepted = 0;
    let payload = format!(r#"{{"x":"{}"}}"#, "y".repeat(100 * 1024));

    // Twice: the second time the server has been restarted once, and Postgres needs new room too.
    for _ in 0..2 {
        cso.publish("tasks.cso.scan", &[], "{}").await.unwrap();
        accepted += 1;
        desk.await_tasks(&[TaskState::Queued], accepted).await;
        disk.fill();
        while accepted < 1_000 && cso.publish("tasks.cso.scan", &[], payload.clone()).await.is_ok() {
            accepted += 1;
        }
        eventually("the reason on the overview", async || {
            let page = ask(&server, "GET", "/t/acme", &[("Cookie", &cookie)], "");
            if page.body.contains("Make room there") { Ok(()) } else { Err(format!("{} {}", page.status, page.body)) }
        })
        .await;
        assert!(ask(&server, "GET", "/readyz", &[], "").body.contains("degraded"));

        disk.make_room();
        eventually("a bus that takes tasks again", async || {
            cso.publish("tasks.cso.scan", &[], "{}").await.map(drop).map_err(|e| e.to_string())
        })
        .await;
        accepted += 1;
        // What was not answered may have been stored all the same; what was answered must be here.
        let page = desk.await_tasks(&[TaskState::Queued], accepted).await;
        assert_eq!(page.count, accepted, "none missing, none that was refused");
    }
}

#[tokio::test]
async fn a_database_without_room_says_so_and_comes_back_by_itself() {
    let temp = temp_dir();
    let Some(disk) = SmallDisk::mount(&temp.path().join("data"), 320) else {
        println!("skipped: this user may not mount a file system");
        return;
    };
    let mut server = Server::start_in(temp.path(), &[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    desk.await_tasks(&[TaskState::Queued], 1).await;

    disk.fill();
    let mut owner = server.owner().connect().await.unwrap();
    let write_ahead = "select pg_logical_emit_message(false, 'test', repeat('x', 1000000))";
    eventually("a database without room for its log", async || match owner.execute(write_ahead).await {
        Ok(_) => Err("it still has room".to_owned()),
        Err(_) => Ok(()),
    })
    .await;
    eventually("the reason in the server's log", async || {
        let log = server.log();
        if log.contains("a child ended") && log.contains("No space left on device") { Ok(()) } else { Err(log) }
    })
    .await;
    assert!(matches!(server.child.try_wait(), Ok(None)), "the server itself goes on");
    assert_eq!(ask(&server, "GET", "/readyz", &[], "").status, 503);

    disk.make_room();
    eventually("a server that is well", async || {
        let ready = ask(&server, "GET", "/readyz", &[], "").body;
        if ready.contains(r#""status":"ok""#) { Ok(()) } else { Err(ready) }
    })
    .await;
    cso.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    desk.await_tasks(&[TaskState::Queued], 2).await;
}

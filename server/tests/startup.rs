//! Starting under bad circumstances: one sentence that says what to do, and nothing left behind.

mod harness;

use harness::{PATIENCE, Server, countersign, signal, temp_dir};
use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

fn run(args: &[&str]) -> Output {
    countersign().args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn with_site(args: &[&str]) -> Output {
    let temp = temp_dir();
    std::fs::write(temp.path().join("manifest.json"), r#"{"js":"/a","wasm":"/b","css":"/c"}"#).unwrap();
    let data = temp.path().join("data");
    let mut all = vec!["serve", "--site-dir", temp.path().to_str().unwrap(), "--data-dir", data.to_str().unwrap()];
    all.extend(args);
    run(&all)
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = with_site(&["--listen", &address]);
    assert!(!output.status.success());
    assert!(said(&output).contains(&format!("Another program listens on {address}")), "{}", said(&output));
}

#[test]
fn a_database_url_that_leads_nowhere_is_refused_with_what_to_check() {
    let output = with_site(&["--listen", "127.0.0.1:0", "--database-url", "postgres://nobody:x@127.0.0.1:9/none"]);
    assert!(!output.status.success());
    assert!(said(&output).contains("Check DATABASE_URL"), "{}", said(&output));
    let output = with_site(&["--listen", "127.0.0.1:0", "--database-url", "mysql://x"]);
    assert!(said(&output).contains("It reads like postgres://"), "{}", said(&output));
}

#[test]
fn an_old_nats_server_is_refused_with_its_version() {
    let temp = temp_dir();
    let old = temp.path().join("nats-server");
    std::fs::write(&old, "#!/bin/sh\necho 'nats-server: v2.9.10'\n").unwrap();
    std::process::Command::new("chmod").arg("755").arg(&old).status().unwrap();
    let output = with_site(&["--listen", "127.0.0.1:0", "--nats-server", old.to_str().unwrap()]);
    assert!(!output.status.success());
    assert!(said(&output).contains("2.9.10"), "{}", said(&output));
}

#[test]
fn a_missing_console_is_said_before_anything_starts() {
    let temp = temp_dir();
    let output = run(&[
        "serve",
        "--site-dir",
        temp.path().to_str().unwrap(),
        "--data-dir",
        temp.path().join("d").to_str().unwrap(),
    ]);
    assert!(said(&output).contains("There is no built console"), "{}", said(&output));
    assert!(!temp.path().join("d").exists(), "nothing was started");
}

#[test]
fn check_config_says_what_the_configuration_comes_to() {
    let temp = temp_dir();
    let file = temp.path().join("countersign.toml");
    std::fs::write(
        &file,
        "public-url = \"https://console.example.com/\"\ndatabase-url = \"postgres://u:secret@db/x\"\n",
    )
    .unwrap();
    let output = run(&["check-config", "--config", file.to_str().unwrap()]);
    let text = said(&output);
    assert!(text.contains("https://console.example.com") && text.contains("x on db:5432 as u"), "{text}");
    assert!(!text.contains("secret@") && !text.contains(":secret"), "the password is not shown: {text}");
    std::fs::write(&file, "pubic-url = \"x\"\n").unwrap();
    let output = run(&["check-config", "--config", file.to_str().unwrap()]);
    assert!(!output.status.success() && said(&output).contains("pubic-url"), "{}", said(&output));
}

#[test]
fn doctor_says_what_is_missing_and_how_to_mend_it() {
    let temp = temp_dir();
    let missing = temp.path().join("no-nats");
    let output = run(&[
        "doctor",
        "--data-dir",
        temp.path().join("d").to_str().unwrap(),
        "--nats-server",
        missing.to_str().unwrap(),
    ]);
    assert!(!output.status.success());
    assert!(said(&output).contains("nats-server"), "{}", said(&output));
}

#[test]
fn a_server_stops_cleanly_and_says_whether_it_is_well() {
    let mut server = Server::start(&[]);
    let address = server.addresses.console.trim_start_matches("http://").to_owned();
    let output = run(&["health", "--listen", &address]);
    assert!(output.status.success(), "{}", said(&output));
    let (nats, postgres) = (server.pid_in("nats/nats.pid"), server.pid_in("postgres/postmaster.pid"));
    assert!(server.stop());
    for pid in [nats, postgres] {
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "{pid} was left behind");
    }
    assert!(!run(&["health", "--listen", &address]).status.success());
}

/// As when the program that its log is piped to ends.
#[test]
fn a_server_whose_log_nobody_reads_any_more_goes_on_and_stops_when_it_is_told_to() {
    let temp = temp_dir();
    std::fs::write(temp.path().join("manifest.json"), r#"{"js":"/a","wasm":"/b","css":"/c"}"#).unwrap();
    let mut server = countersign()
        .args(["serve", "--listen", "127.0.0.1:0", "--site-dir"])
        .arg(temp.path())
        .arg("--data-dir")
        .arg(temp.path().join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    // The set-up link is printed last.
    let printed: Vec<String> = lines.take(3).collect();
    drop(server.stderr.take());
    let address = printed[0].strip_prefix("Console: http://").expect("where it listens");
    for _ in 0..3 {
        let output = run(&["health", "--listen", address]);
        assert!(output.status.success(), "{}", said(&output));
    }
    signal(server.id(), "TERM");
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = server.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            server.kill().unwrap();
            panic!("it did not stop");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
}

//! `countersign health`: exit code 0 when the server on this machine is ready. For containers, which
//! have no other client at hand.

use crate::settings::Settings;
use std::{
    net::{IpAddr, Ipv4Addr},
    process::ExitCode,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let asked = tokio::time::timeout(Duration::from_secs(5), async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n").await?;
        let mut answer = String::new();
        stream.take(64 * 1024).read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    })
    .await;
    let answer = match asked {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => format!("no server at {address}: {error}"),
        Err(_) => format!("no answer from {address} within 5 s"),
    };
    println!("{}", answer.lines().last().unwrap_or_default());
    let status = answer.split_whitespace().nth(1);
    Ok(if status == Some("200") { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

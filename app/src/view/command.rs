//! The exact commands that connect an agent, with this server's addresses filled in.

use countersign_domain::reading::Connect;

/// The agent that the commands name while there is none.
pub const FIRST_AGENT: &str = "cso";

/// Downloads nothing but the client library, then runs the two example programs.
pub fn examples(connect: &Connect, agent: &str) -> String {
    let bus = &connect.bus_url;
    format!(
        "pip install -r examples/python/requirements.txt\n\
         python examples/python/worker.py --server {bus} --creds {agent}.creds --agent {agent} &\n\
         python examples/python/publish.py --server {bus} --creds {agent}.creds --agent {agent}"
    )
}

/// The same in Node.
pub fn node_examples(connect: &Connect, agent: &str) -> String {
    let bus = &connect.bus_url;
    format!(
        "npm install --prefix examples/node\n\
         node examples/node/worker.mjs --server {bus} --creds {agent}.creds --agent {agent} &\n\
         node examples/node/publish.mjs --server {bus} --creds {agent}.creds --agent {agent}"
    )
}

/// A whole program that publishes one task: no file of ours is needed.
pub fn program(connect: &Connect, agent: &str) -> String {
    let bus = &connect.bus_url;
    format!(
        r#"import asyncio, json, nats

async def main():
    bus = await nats.connect("{bus}",
        user_credentials="{agent}.creds",
        inbox_prefix=b"_INBOX_{agent}")
    task = {{"task": "Say hello to the founder",
            "correlation_id": "first-trace"}}
    stored = await bus.jetstream().publish(
        "tasks.{agent}.hello", json.dumps(task).encode())
    print("Stored as message", stored.seq)
    await bus.close()

asyncio.run(main())"#
    )
}

/// A fleet that works by itself, to look at.
pub const DEMO: &str = "countersign demo";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_this_server_and_the_agent_in_full() {
        let connect = Connect {
            console_url: "https://console.example".to_owned(),
            bus_url: "nats://bus.example:4222".to_owned(),
        };
        for text in [examples(&connect, "cso"), program(&connect, "cso")] {
            assert!(text.contains("nats://bus.example:4222") && text.contains("cso.creds"), "{text}");
        }
    }
}

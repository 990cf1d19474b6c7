// Gives an agent a task, with nothing but a stock NATS client.
//
//     npm install
//     node publish.mjs --server nats://127.0.0.1:4222 --creds cso.creds --agent cso

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { jetstream } from "@nats-io/jetstream";
import { connect, credsAuthenticator, headers } from "@nats-io/transport-node";

const { values: args } = parseArgs({
  options: {
    server: { type: "string" }, // the bus, as the console shows it
    creds: { type: "string" }, // the credential that you downloaded
    agent: { type: "string", default: "cso" }, // the agent whose credential that is
    count: { type: "string", default: "1" }, // how many tasks to publish
  },
});

const nc = await connect({
  servers: args.server,
  authenticator: credsAuthenticator(readFileSync(args.creds)),
  // A credential may read its agent's own inbox only, so the inbox is named after the agent.
  inboxPrefix: `_INBOX_${args.agent}`,
});
for (let i = 0; i < Number(args.count); i++) {
  const task = {
    task: "Scan the repository for leaked secrets",
    repo: "acme/console",
    // Everything with the same correlation_id is one trace in the console.
    correlation_id: `scan-${randomUUID()}`,
    timestamp: Date.now(),
  };
  // The answer comes when the task is on disk. With a message id it may safely be published again when
  // no answer came: the bus keeps one.
  const id = headers();
  id.set("Nats-Msg-Id", randomUUID());
  const stored = await jetstream(nc).publish(`tasks.${args.agent}.security_scan`, JSON.stringify(task), { headers: id });
  console.log(`stored as ${stored.seq}, trace ${task.correlation_id}, sent at ${task.timestamp}`);
}
await nc.close();

// Works on an agent's tasks, with nothing but a stock NATS client.
//
//     npm install
//     node worker.mjs --server nats://127.0.0.1:4222 --creds cso.creds --agent cso
//
// Stop it with Ctrl-C. --mode shows what else can happen to a task:
//     ack   do it
//     nak   return it; the bus hands it out again after --nak-delay seconds, five times in all
//     die   crash in the middle of it; the bus hands it out again when its patience ends (120 s)
//     fail  give it up for good, and say why in an event
//     term  give it up for good, and say why in the answer itself

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { jetstream } from "@nats-io/jetstream";
import { connect, credsAuthenticator } from "@nats-io/transport-node";

const { values: args } = parseArgs({
  options: {
    server: { type: "string" }, // the bus, as the console shows it
    creds: { type: "string" }, // the credential that you downloaded
    agent: { type: "string", default: "cso" }, // the agent whose credential that is
    mode: { type: "string", default: "ack" },
    "nak-delay": { type: "string", default: "30" }, // seconds until a returned task comes again
    max: { type: "string", default: "0" }, // stop after so many tasks; 0 is never
  },
});

const nc = await connect({
  servers: args.server,
  authenticator: credsAuthenticator(readFileSync(args.creds)),
  // A credential may read its agent's own inbox only, so the inbox is named after the agent.
  inboxPrefix: `_INBOX_${args.agent}`,
});
nc.closed().then((error) => {
  if (error) {
    console.error("The bus has closed the connection. Has the credential been revoked?");
    process.exit(1);
  }
});

const tell = (topic, facts = {}) => nc.publish(`events.${args.agent}.${topic}`, JSON.stringify(facts));
tell("heartbeat");
const beating = setInterval(() => tell("heartbeat"), 10_000);

// The queue is there already: at most 3 tasks at a time, 5 attempts, 120 s for an answer.
const queue = await jetstream(nc).consumers.get("TASKS", `${args.agent}-agent`);
console.log(`${args.agent} waits for tasks`);
for (let done = 0; args.max === "0" || done < Number(args.max); ) {
  const message = await queue.next({ expires: 5_000 });
  if (message) {
    await work(message);
    done++;
  }
}
clearInterval(beating);
await nc.drain();

async function work(message) {
  const task = message.json();
  // Every client finds these two in the message. With them the console knows which task and attempt an
  // event is about.
  const about = { stream_seq: message.info.streamSequence, attempt: message.info.deliveryCount };
  const trace = { correlation_id: task.correlation_id };
  console.log(`task ${about.stream_seq}, attempt ${about.attempt}: ${task.task}`);
  tell("task.started", { ...about, ...trace });

  // Here your agent would do what the task asks for.

  const why = `the scanner has no rules for ${task.repo} (attempt ${about.attempt})`;
  if (args.mode === "ack") {
    tell("usage.reported", { usd: 0.0123, input_tokens: 1800, output_tokens: 240, ...about, ...trace });
    message.ack();
  } else if (args.mode === "nak") {
    tell("task.failed", { reason: why, ...about, ...trace });
    message.nak(Number(args["nak-delay"]) * 1000);
  } else if (args.mode === "fail") {
    tell("task.failed", { reason: why, ...about, ...trace });
    message.term();
  } else if (args.mode === "term") {
    message.term(why);
  } else if (args.mode === "die") {
    await nc.flush();
    process.exit(1);
  }
}

// Puts a question before the founder and waits for the decision, with nothing but a stock NATS client.
//
//     npm install
//     node brief.mjs --server nats://127.0.0.1:4222 --creds ceo.creds --agent ceo --evidence SHA256
//
// A brief rests on evidence: --evidence is the SHA-256 of an artifact that the agent has put (docs/workspace-api.md).

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { jetstream } from "@nats-io/jetstream";
import { connect, credsAuthenticator } from "@nats-io/transport-node";

const { values: args } = parseArgs({
  options: {
    server: { type: "string" }, // the bus, as the console shows it
    creds: { type: "string" }, // the credential that you downloaded
    agent: { type: "string", default: "ceo" }, // the agent whose credential that is
    evidence: { type: "string" }, // SHA-256 of an artifact that shows what the brief says
    brief: { type: "string", default: "deploy-friday" }, // the agent's own name for it
  },
});

const brief = {
  brief: args.brief,
  title: "Friday's deployment",
  question: "Do we roll out version 2.4 of the API today?",
  category: "deploy",
  context_md: "The error rate is **0.3 %**.",
  options: [
    { key: "A", title: "Roll out now", consequence: "Customers get the fix today.", cost_usd: 40, effort: "1 agent-day", reversible: true, risk: "medium" },
    { key: "B", title: "Wait until Monday", consequence: "Two customers wait for three days.", cost_usd: 0, effort: "none", reversible: true, risk: "low" },
  ],
  recommendation: { key: "B", why: "Nobody of the team is awake on Saturday.", confidence: 0.82 },
  evidence: [{ sha256: args.evidence, title: "Error rates of the week" }],
  deadline: new Date(Date.now() + 2 * 86_400_000).toISOString(),
  at_deadline: "none",
  input_needed: "Whether a customer was promised a date",
};

const nc = await connect({
  servers: args.server,
  authenticator: credsAuthenticator(readFileSync(args.creds)),
  // A credential may read its agent's own inbox only, so the inbox is named after the agent.
  inboxPrefix: `_INBOX_${args.agent}`,
});
const js = jetstream(nc);
const queue = await js.consumers.get("TASKS", `${args.agent}-agent`);
await js.publish(`events.${args.agent}.brief.prepared`, JSON.stringify(brief));
console.log(`asked: ${args.brief}`);
for (let heard = false; !heard; ) {
  const message = await queue.next({ expires: 5_000 });
  if (message) heard = await hear(message);
}
await nc.drain();

/** Whether the brief has come to its end. */
async function hear(message) {
  const kind = message.subject.split(".").at(-1);
  if (!["decision_made", "brief_rejected", "brief_question"].includes(kind)) {
    // Work of another kind is for another program: hand it back.
    message.nak(30_000);
    return false;
  }
  const told = message.json();
  message.ack();
  if (told.brief !== args.brief) return false;
  if (kind === "brief_rejected") {
    for (const fault of told.faults) console.log(`refused: ${fault.pointer || "the brief"}: ${fault.why} ${fault.fix}`);
    return true;
  }
  if (kind === "brief_question") {
    // Whoever knows the bus alone answers with an event.
    const answer = { task: message.headers.get("Countersign-Task"), answer: "Nobody was promised a date." };
    await js.publish(`events.${args.agent}.brief.answered`, JSON.stringify(answer));
    return false;
  }
  const { choice } = told;
  const what = { option: `option ${choice.key}: ${choice.title}`, own: choice.answer, rejected: "nothing of it" }[choice.kind];
  console.log(`decided by ${told.decided_by ?? "silence"}: ${what}`);
  return true;
}

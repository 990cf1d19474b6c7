// A stock NATS client, for messages that the examples do not send.

import { readFileSync } from "node:fs";
import { jetstream } from "@nats-io/jetstream";
import { connect, credsAuthenticator, headers } from "@nats-io/transport-node";

export class Stock {
  static async connect(agent) {
    const stock = new Stock();
    stock.agent = agent;
    stock.nc = await connect({
      servers: agent.server,
      authenticator: credsAuthenticator(readFileSync(agent.creds)),
      inboxPrefix: `_INBOX_${agent.name}`,
    });
    return stock;
  }

  /** Connects when the bus knows the tenant's account: until then it refuses everybody of it. */
  static async connectOnceKnown(agent) {
    const until = Date.now() + 10_000;
    for (;;) {
      try {
        return await Stock.connect(agent);
      } catch (error) {
        if (error.name !== "AuthorizationError" || Date.now() > until) throw error;
      }
    }
  }

  /** Publishes a task and answers when the bus has it. */
  async task(payload, { kind = "security_scan", with: extra = {} } = {}) {
    const all = headers();
    for (const [name, value] of Object.entries(extra)) all.set(name, value);
    const body = typeof payload === "string" ? payload : JSON.stringify(payload);
    return jetstream(this.nc).publish(`tasks.${this.agent.name}.${kind}`, body, { headers: all });
  }

  async event(topic, payload) {
    return jetstream(this.nc).publish(`events.${this.agent.name}.${topic}`, JSON.stringify(payload));
  }

  /** The agent's next task. */
  async next() {
    return (await this.queue()).next({ expires: 10_000 });
  }

  /** Publishes a task and gives it up for good; after four bad ends a good one, or the breaker would open. */
  async fails(payload, reason, options) {
    this.bad = (this.bad ?? 0) + 1;
    await this.task(payload, options);
    (await this.next()).term(reason);
    if (this.bad % 4 === 0) await this.succeeds({ task: "In between" });
  }

  /** Publishes a task and does it. */
  async succeeds(payload, options) {
    await this.task(payload, options);
    (await this.next()).ack();
  }

  async queue() {
    return jetstream(this.nc).consumers.get("TASKS", `${this.agent.name}-agent`);
  }

  /** Waits until the agent's queue is there. */
  async queueStands() {
    const until = Date.now() + 10_000;
    for (;;) {
      try {
        return await this.queue();
      } catch (error) {
        if (Date.now() > until) throw error;
        await new Promise((later) => setTimeout(later, 50));
      }
    }
  }

  async close() {
    await this.nc.close();
  }
}

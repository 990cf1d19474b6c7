// An agent that asks founders, as a stock client of the bus does.

import { Stock } from "./stock.mjs";
import { Workspace } from "./workspace.mjs";

const HOUR_MS = 3_600_000;

/** A role file that lets its agent ask, and answer what it is asked back. */
const role = (name) => `apiVersion: countersign/v1
kind: AgentRole
metadata: { name: ${name}, title: Coordinator }
spec:
  mission: Prepare what a founder has to decide.
  broadcasts: [brief.prepared, brief.answered]
  budget: { usd_per_day: 5, on_exceed: pause }
  forbidden_actions:
    - { action: approve_security_review }
    - { action: override_security_review }
    - { action: decide_brief }
    - { action: read_volume, scope: other_agents }
    - { action: read_secrets, scope: other_agents }
    - { action: change_role }
    - { action: change_budget }
    - { action: deploy }
`;

export class Author {
  /** Has its role approved, connects, and puts the artifact that its briefs rest on. */
  static async of(founder, name) {
    const author = new Author();
    author.founder = founder;
    author.name = name;
    author.agent = await founder.agentOf(name, role(name));
    author.bus = await Stock.connectOnceKnown(author.agent);
    author.workspace = await Workspace.of(founder.server, author.agent);
    author.evidence = await author.workspace.put(`reports/${name}.md`, `# Error rates\n\nAs ${name} has them: 0.3 %.\n`);
    return author;
  }

  /** A brief that keeps the contract, with `changes` to it. */
  payload(brief, changes = {}) {
    return {
      brief,
      title: `Rollout ${brief}`,
      question: `Do we roll out ${brief} before the weekend?`,
      category: "deploy",
      context_md: "The error rate is **0.3 %**.\n\n- two customers wait\n- nobody is awake on Saturday",
      options: [
        { key: "A", title: "Roll out now", consequence: "Customers get the fix today.", cost_usd: 40, effort: "1 agent-day", reversible: true, risk: "medium" },
        { key: "B", title: "Wait until Monday", consequence: "Two customers wait for three days.", cost_usd: 5.48, reversible: true, risk: "low" },
        { key: "C", title: "Drop the old API", consequence: "Old clients stop working for good.", cost_usd: -200, effort: "3 agent-days", reversible: false, risk: "high" },
      ],
      recommendation: { key: "B", why: "Nobody of the team is awake on Saturday.", confidence: 0.82 },
      evidence: [{ sha256: this.evidence, title: "Error rates of the week" }],
      deadline: inHours(48),
      at_deadline: "none",
      input_needed: "Whether the customer in Oslo was promised a date",
      ...changes,
    };
  }

  /** Asks, and answers the brief's id when the console lists it in this version. */
  async asks(brief, changes = {}) {
    const payload = this.payload(brief, changes);
    await this.bus.event("brief.prepared", payload);
    let id;
    await this.founder.reads("/inbox", async (html) => {
      const row = html.split('data-testid="brief-row"').find((row) => row.includes(`>${payload.title}<`));
      id = /\/inbox\/([0-9a-f-]{36})/.exec(row ?? "")?.[1];
      return id;
    });
    return id;
  }

  /** Asks anew, and waits until the console shows the newer version. */
  async asksAnew(id, brief, changes) {
    const before = await this.version(id);
    await this.bus.event("brief.prepared", this.payload(brief, changes));
    await this.founder.reads(`/inbox/${id}`, (html) => versionIn(html) > before);
  }

  async version(id) {
    return versionIn(await this.founder.reads(`/inbox/${id}`, (html) => versionIn(html)));
  }

  /** Takes the question that a founder asked back, and answers it on the bus. */
  async answers(text) {
    const message = await this.bus.next();
    const task = message.headers.get("Countersign-Task");
    message.ack();
    await this.bus.event("brief.answered", { task, answer: text });
    return message.json();
  }

  async close() {
    await this.bus.close();
  }
}

export function inHours(hours) {
  return new Date(Date.now() + hours * HOUR_MS).toISOString().replace(/\.\d+Z$/, "Z");
}

function versionIn(html) {
  return Number(/data-version="(\d+)"/.exec(html)?.[1] ?? 0);
}

// A founder and what they prepare for a test: the console's own forms, sent without a browser.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stock } from "./stock.mjs";

export const FOUNDER = {
  organization: "Acme Robotics",
  name: "Ada Lovelace",
  email: "ada@example.com",
  password: "correct horse battery staple",
};

export class Founder {
  /** Sets the server up and stays signed in. */
  static async alone(server) {
    const founder = new Founder();
    founder.server = server;
    const token = server.setUpLink.split("/").at(-1);
    const response = await founder.post("/api/account/set_up", { token, ...FOUNDER });
    founder.keep(response);
    return founder;
  }

  /** As `alone`, with a first agent. */
  static async of(server) {
    const founder = await Founder.alone(server);
    // The bus of a new tenant stands a moment after the tenant does; later agents find it there.
    const stock = await Stock.connectOnceKnown(await founder.agent("first"));
    await stock.queueStands();
    await stock.close();
    return founder;
  }

  /** Signs in once more, or as somebody else with the same password: a session of its own, that a test may end. */
  async anotherSession(email = FOUNDER.email) {
    const other = new Founder();
    other.server = this.server;
    other.keep(await other.post("/api/account/sign_in", { email, password: FOUNDER.password, next: "" }));
    return other;
  }

  keep(response) {
    const [, name, value] = /^([^=]+)=([^;]+)/.exec(response.headers.get("set-cookie"));
    this.cookie = { name, value, url: this.server.url };
  }

  /** The tenant's pages. */
  get home() {
    return `${this.server.url}/t/acme-robotics`;
  }

  /** Sends a form, whatever comes of it. */
  async ask(path, form) {
    const headers = { accept: "application/json", origin: this.server.url };
    if (this.cookie) headers.cookie = `${this.cookie.name}=${this.cookie.value}`;
    return fetch(this.server.url + path, {
      method: "POST",
      headers,
      body: new URLSearchParams(form),
      redirect: "manual",
    });
  }

  /** Sends a form that must be taken. */
  async post(path, form) {
    const response = await this.ask(path, form);
    assert(response.status < 400, `${path} answered ${response.status}: ${await response.clone().text()}`);
    return response;
  }

  /** Creates an agent, which cannot connect before its role file is approved; answers the id of the review of that. */
  async create(name, delegates = "") {
    const response = await this.post("/api/agent/create", { tenant: "acme-robotics", name, delegates_to: delegates });
    return reviewOf(response);
  }

  /** Proposes a role file; answers the id of its review. */
  async propose(text) {
    return reviewOf(await this.post("/api/role/propose", { tenant: "acme-robotics", text }));
  }

  /** Approves exactly what the page of the review shows. */
  async approve(review) {
    const sha256 = await this.reviewed(review);
    const session = await this.anotherSession();
    const form = { tenant: "acme-robotics", review, sha256, reason: "Fits what it is for" };
    await session.post("/api/review/approve", form);
  }

  /** The hash that the page of a review shows, once nothing but a founder's word is lacking. */
  async reviewed(review) {
    const html = await this.reads(`/reviews/${review}`, async (html) => {
      if (html.includes("It was not probed")) await this.post("/api/review/probe", { tenant: "acme-robotics", review });
      return html.includes('data-testid="approve-button"') && !html.includes('data-testid="approve-lacks"');
    });
    return /name="sha256" value="([0-9a-f]{64})"/.exec(html)[1];
  }

  /** Creates an agent, approves its role file and issues a credential; answers the arguments that the examples take. */
  async agent(name, delegates = "") {
    await this.approve(await this.create(name, delegates));
    return this.credential(name);
  }

  /** As `agent`, by a role file. */
  async agentOf(name, text) {
    await this.approve(await this.propose(text));
    return this.credential(name);
  }

  /** Creates an agent that gives up `count` tasks; answers it when the console shows so many dead letters. */
  async agentWithLetters(name, count) {
    const agent = await this.agent(name);
    const stock = await Stock.connect(agent);
    for (let i = 1; i <= count; i++) await stock.fails({ task: `Scan ${i}` }, "The scanner has no rules");
    await stock.close();
    await this.reads(`/dead-letters?agent=${name}`, (html) => html.includes(`>${count} letter`));
    return agent;
  }

  /** Reads a page until it says what is wanted. */
  async reads(path, wanted) {
    const until = Date.now() + 15_000;
    for (;;) {
      const headers = { cookie: `${this.cookie.name}=${this.cookie.value}`, accept: "text/html" };
      const html = await (await fetch(this.home + path, { headers })).text();
      if (await wanted(html)) return html;
      assert(Date.now() < until, `${path} never said what was wanted:\n${html.slice(0, 4000)}`);
    }
  }

  async credential(name) {
    // It asks for a proof that is not older than five minutes; this founder may have signed in long ago.
    const session = await this.anotherSession();
    const response = await session.post(`/t/acme-robotics/fleet/${name}/credential`, { hours: "24" });
    const creds = join(this.server.dir, `${name}.creds`);
    writeFileSync(creds, await response.text(), { mode: 0o600 });
    return { name, creds, server: this.server.bus };
  }
}

/** The review that an answer leads to. */
function reviewOf(response) {
  const [, id] = /\/reviews\/([0-9a-f-]{36})$/.exec(response.headers.get("location")) ?? [];
  assert(id, `it leads to no review: ${response.headers.get("location")}`);
  return id;
}

// An agent at the Workspace API: only what the tests of the console need of it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fromSeed } from "@nats-io/nkeys";

const part = (creds, name) => new RegExp(`BEGIN ${name}-----\\s+(\\S+)`).exec(creds)[1];

export class Workspace {
  /** Answers a challenge with the key of the agent's credential. */
  static async of(server, agent) {
    const workspace = new Workspace();
    workspace.server = server;
    const creds = readFileSync(agent.creds, "utf8");
    const { challenge } = await workspace.json("POST", "/agent/challenge", {});
    const material = Buffer.concat([
      Buffer.from("countersign agent token 1"),
      Buffer.from([0xff]),
      Buffer.from(challenge, "base64url"),
    ]);
    const key = fromSeed(new TextEncoder().encode(part(creds, "USER NKEY SEED")));
    const signature = Buffer.from(key.sign(material)).toString("base64url");
    const { token } = await workspace.json("POST", "/agent/token", { jwt: part(creds, "NATS USER JWT"), challenge, signature });
    workspace.token = token;
    return workspace;
  }

  async json(method, path, body) {
    return this.send(method, path, JSON.stringify(body));
  }

  async send(method, path, body) {
    const headers = this.token ? { authorization: `Bearer ${this.token}` } : {};
    const response = await fetch(`${this.server.url}/api/v1${path}`, { method, headers, body });
    assert(response.ok, `${path} answered ${response.status}: ${await response.clone().text()}`);
    return response.json();
  }

  /** Puts content under a label; answers its hash. */
  async put(label, content) {
    const bytes = Buffer.from(content);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await this.send("PUT", `/artifacts/${sha256}?label=${label}`, bytes);
    return sha256;
  }
}

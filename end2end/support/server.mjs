// The real server, as a person starts it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";

const root = resolve(import.meta.dirname, "../..");
const target = process.env.CARGO_TARGET_DIR ? resolve(root, process.env.CARGO_TARGET_DIR) : join(root, "target");
export const binary = process.env.COUNTERSIGN_BIN ?? join(target, "debug/countersign");

/** How long anything may take that the server does by itself. */
const PATIENCE_MS = 30_000;

/** How long the bus waits for a worker that has died, so that a test need not wait two minutes. */
export const ACK_WAIT_S = 4;

let started = 0;

/** A loopback address of its own: no server of another test takes this one's port while it is down. */
function ownAddress() {
  started += 1;
  return `127.0.${1 + Number(process.env.TEST_PARALLEL_INDEX ?? 0)}.${started}`;
}

export class Server {
  /** Starts on a fresh data directory, with these options besides the usual ones. */
  static async start(...more) {
    const server = new Server();
    server.more = more;
    server.busAddress = ownAddress();
    server.dir = mkdtempSync(join(tmpdir(), "countersign-"));
    // The embedded Postgres runs as a user of its own when this runs as root.
    chmodSync(server.dir, 0o711);
    try {
      await server.run("127.0.0.1:0");
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  /** Starts the program and waits for the addresses that it prints. */
  async run(listen) {
    const first = !this.url;
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(COUNTERSIGN_(?!CACHE)|DATABASE_URL|NATS_URL)/.test(name)),
    );
    const options = ["--data-dir", join(this.dir, "data"), "--listen", listen, "--ack-wait", String(ACK_WAIT_S)];
    options.push("--nats-listen", this.busAddress, ...this.more);
    this.process = spawn(binary, ["serve", ...options], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.exited = once(this.process, "exit");
    this.log = [];
    createInterface(this.process.stderr).on("line", (line) => this.log.push(line));
    const late = setTimeout(() => this.process.kill("SIGKILL"), PATIENCE_MS);
    for await (const line of createInterface(this.process.stdout)) {
      const [, what, address] = /^(Console|Bus|Set up): (\S+)$/.exec(line) ?? [];
      if (what === "Console") this.url = address;
      if (what === "Bus") this.bus = address;
      if (what === "Set up") this.setUpLink = address;
      // The set-up link comes last, and only from a server that nobody has set up.
      if (first ? this.setUpLink : what === "Bus") break;
    }
    clearTimeout(late);
    this.process.stdout.resume();
    assert(this.process.exitCode === null && this.bus, `the server did not start:\n${this.log.join("\n")}`);
  }

  /** Runs a statement as the database's owner: what a test cannot wait for, such as an hour. */
  async sql(statement) {
    const [, host, port] = /^(.*):(\d+)\s*$/.exec(readFileSync(join(this.dir, "data/run/database-socket"), "utf8"));
    const client = new pg.Client({ host, port: Number(port), user: "countersign_owner", database: "countersign" });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** Runs a command of the operator's beside the server; answers what it writes. */
  async command(...args) {
    const run = spawn(binary, [...args, "--data-dir", join(this.dir, "data")], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const out of [run.stdout, run.stderr]) out.on("data", (part) => (said += part));
    const [code] = await once(run, "close");
    assert.equal(code, 0, said);
    return said;
  }

  /** Runs the program with these words alone; answers what it writes, and with which code it ends. */
  async says(...args) {
    const run = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const out of [run.stdout, run.stderr]) out.on("data", (part) => (said += part));
    const [code] = await once(run, "close");
    return { code, said };
  }

  /** Starts again at the same address, with the same data. */
  async runAgain() {
    await this.run(new URL(this.url).host);
  }

  /** Asks it to stop, and checks that it does and that nothing is left of it. */
  async stop() {
    const family = descendants(this.process.pid);
    this.process.kill("SIGTERM");
    const late = setTimeout(() => this.process.kill("SIGKILL"), PATIENCE_MS);
    const [code, signal] = await this.exited;
    clearTimeout(late);
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, `it did not stop well:\n${this.log.join("\n")}`);
    const left = family.filter((member) => startOf(member.pid) === member.start);
    assert.deepEqual(left, [], "processes of the server outlived it");
  }

  /** Stops it if it runs, and removes its data. */
  async end() {
    try {
      if (this.process?.exitCode === null && this.process.signalCode === null) await this.stop();
    } finally {
      rmSync(this.dir, { recursive: true, force: true });
    }
  }
}

/** All processes below one, each with the moment it began: a pid alone may be another's by now. */
function descendants(pid) {
  const children = new Map();
  for (const entry of readdirSync("/proc")) {
    const parent = statOf(entry)?.parent;
    if (parent) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const below = (one) => (children.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid).map((child) => ({ pid: child, ...statOf(child) }));
}

function startOf(pid) {
  return statOf(pid)?.start;
}

function statOf(pid) {
  if (!/^\d+$/.test(String(pid))) return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { name: /\((.*)\)/.exec(text)[1], parent: Number(fields[1]), start: fields[19] };
  } catch {
    return undefined; // It ended meanwhile.
  }
}

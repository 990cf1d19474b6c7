// The example programs, run as they stand.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";

const examples = resolve(import.meta.dirname, "../../examples");
const cache = process.env.COUNTERSIGN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "countersign");
const python = [process.env.PYTHON, join(cache, "python/bin/python")].find((file) => file && existsSync(file)) ?? "python3";

/** A running program. */
export class Example {
  /** One of the examples, with the arguments that the console shows. */
  static of(language, program, agent, args = []) {
    const [command, file] =
      language === "python" ? [python, `python/${program}.py`] : [process.execPath, `node/${program}.mjs`];
    const all = [join(examples, file), "--server", agent.server, "--creds", agent.creds, "--agent", agent.name, ...args];
    return new Example(command, all);
  }

  /** A Python file, run in the folder where it is. */
  static script(file) {
    return new Example(python, [file], dirname(file));
  }

  constructor(command, args, cwd) {
    this.process = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    this.output = [];
    this.waiting = [];
    for (const stream of [this.process.stdout, this.process.stderr]) {
      createInterface(stream).on("line", (line) => {
        this.output.push(line);
        this.waiting.forEach((look) => look());
      });
    }
    this.exited = once(this.process, "close").then(([code]) => {
      this.over = { code, at: Date.now() };
      this.waiting.forEach((look) => look());
      return code;
    });
  }

  get text() {
    return this.output.join("\n");
  }

  /** Waits for a line of its output; answers the match. */
  says(pattern) {
    return new Promise((found, failed) => {
      const look = () => {
        const match = this.output.map((line) => pattern.exec(line)).find(Boolean);
        if (match) found(match);
        else if (this.over) failed(new Error(`it ended with ${this.over.code} and never said ${pattern}:\n${this.text}`));
      };
      this.waiting.push(look);
      look();
    });
  }

  /** Waits until it ends by itself. */
  async ends(code = 0) {
    assert.equal(await this.exited, code, this.text);
  }

  /** Ends it. */
  async stop() {
    if (!this.over) this.process.kill("SIGINT");
    const late = setTimeout(() => this.process.kill("SIGKILL"), 8_000);
    await this.exited;
    clearTimeout(late);
  }
}

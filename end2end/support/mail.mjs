// A mail server, as far as the server under test can tell (RFC 5321): it takes what it is given, and shows it to the test.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

export class MailServer {
  static async start() {
    const mail = new MailServer();
    mail.mails = [];
    mail.server = createServer((socket) => mail.converse(socket));
    await new Promise((done) => mail.server.listen(0, "127.0.0.1", done));
    mail.url = `smtp://127.0.0.1:${mail.server.address().port}`;
    return mail;
  }

  async converse(socket) {
    socket.on("error", () => {});
    const say = (line) => socket.write(`${line}\r\n`);
    say("220 mail.test ESMTP");
    let to = "";
    let data = null;
    for await (const line of createInterface(socket)) {
      if (data) {
        if (line === ".") {
          const [head, ...body] = data.join("\n").split("\n\n");
          this.mails.push({ to, head, text: plain(body.join("\n\n")) });
          data = null;
          say("250 taken");
        } else data.push(line.replace(/^\./, ""));
        continue;
      }
      if (/^RCPT TO:/i.test(line)) to = /<(.*?)>/.exec(line)[1];
      if (/^DATA/i.test(line)) data = [];
      if (/^QUIT/i.test(line)) {
        say("221 bye");
        socket.end();
        return;
      }
      say(data ? "354 go on" : "250 fine");
    }
  }

  /** Waits for a mail to this address with a link to this page, the newest; answers the link. */
  async link(to, page) {
    const until = Date.now() + 15_000;
    for (;;) {
      const texts = this.mails.filter((mail) => mail.to === to).map((mail) => mail.text);
      const link = texts.reverse().flatMap((text) => text.match(new RegExp(`http\\S+/${page}/\\S+`)) ?? [])[0];
      if (link) return link;
      assert(Date.now() < until, `no link to /${page}/ came to ${to}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async end() {
    await new Promise((done) => this.server.close(done));
  }
}

/** What a quoted-printable body says; another one holds no `=` that two digits follow. */
function plain(body) {
  const bytes = body.replace(/=\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

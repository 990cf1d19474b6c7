// An identity provider that speaks OpenID Connect over HTTP: it asks who signs in, and vouches for them.

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

export const CLIENT = { id: "countersign", secret: "known to both of us" };

/** Who has an account there. */
const PEOPLE = {
  ada: { email: "ada@example.com", name: "Ada Lovelace", groups: ["board"] },
  grace: { email: "grace@example.com", name: "Grace Hopper", groups: ["risk"] },
  mallory: { email: "mallory@elsewhere.example", name: "Mallory", groups: ["board"] },
};

export class Provider {
  static async start() {
    const provider = new Provider();
    provider.codes = new Map();
    provider.key = generateKeyPairSync("ec", { namedCurve: "P-256" });
    provider.server = createServer((request, response) => void provider.answer(request, response));
    provider.server.listen(0, "127.0.0.1");
    await once(provider.server, "listening");
    provider.issuer = `http://127.0.0.1:${provider.server.address().port}`;
    return provider;
  }

  async end() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  async answer(request, response) {
    const url = new URL(request.url, this.issuer);
    let body = "";
    for await (const part of request) body += part;
    const form = new URLSearchParams(body);
    const json = (value, status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return json({
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          jwks_uri: `${this.issuer}/keys`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["ES256"],
        });
      case "/keys":
        return json({ keys: [{ ...this.key.publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "ES256" }] });
      case "/authorize":
        return this.authorize(url.searchParams, response);
      case "/token":
        return json(...this.token(form, request.headers.authorization));
      case "/favicon.ico":
        return response.writeHead(204).end();
      default:
        return response.writeHead(404).end();
    }
  }

  /** A page of its own, on another site: whoever is chosen there has signed in. */
  authorize(asked, response) {
    const who = asked.get("who");
    if (!who) {
      const hidden = [...asked].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`).join("");
      const buttons = Object.keys(PEOPLE).map((name) => `<button name="who" value="${name}">I am ${name}</button>`).join(" ");
      response.writeHead(200, { "content-type": "text/html" });
      response.end(`<!DOCTYPE html><html lang="en"><title>Provider</title><form>${hidden}${buttons}</form></html>`);
      return;
    }
    const code = randomBytes(16).toString("base64url");
    this.codes.set(code, { who, asked, at: Math.floor(Date.now() / 1000) });
    const back = new URL(asked.get("redirect_uri"));
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state"));
    response.writeHead(302, { location: back.href }).end();
  }

  token(form, authorization) {
    const encoded = (text) => new URLSearchParams({ text }).toString().slice("text=".length);
    const basic = Buffer.from(`${encoded(CLIENT.id)}:${encoded(CLIENT.secret)}`).toString("base64");
    if (authorization !== `Basic ${basic}`) return [{ error: "invalid_client" }, 401];
    const begun = this.codes.get(form.get("code"));
    this.codes.delete(form.get("code"));
    const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    if (!begun || challenge !== begun.asked.get("code_challenge")) return [{ error: "invalid_grant" }, 400];
    const claims = {
      iss: this.issuer,
      sub: begun.who,
      aud: CLIENT.id,
      iat: begun.at,
      exp: begun.at + 300,
      auth_time: begun.at,
      nonce: begun.asked.get("nonce"),
      email_verified: true,
      ...PEOPLE[begun.who],
    };
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "ES256", kid: "one", typ: "JWT" })}.${part(claims)}`;
    const signature = sign("sha256", text, { key: this.key.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
    return [{ access_token: "none", token_type: "Bearer", expires_in: 60, id_token: `${text}.${signature}` }];
  }
}

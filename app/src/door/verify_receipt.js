// Checks receipts of Countersign by docs/receipts.md, with WebCrypto alone. It needs no network, no page and no package:
// browsers run it on /verify, and Node as a module.

// Forms: an array holds alternatives, `all` the form of a list's items, a function decides itself.
const whole = (value) => Number.isSafeInteger(value) && value >= 0;
const text = (value) => typeof value === "string";
const like = (pattern) => (value) => text(value) && pattern.test(value);
const all = (form) => (value) => Array.isArray(value) && value.every((item) => fits(item, form));
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const hash = like(/^[0-9a-f]{64}$/);
const uuid = like(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const bytes = like(/^[A-Za-z0-9_-]*$/);
const SUBJECT = { kind: ["brief", "review"], id: uuid, version: (value) => whole(value) && value < 2 ** 32, sha256: hash, text: isObject };
const CHOICE = [
  ...["option", "own"].map((kind) => ({ kind, value: text })),
  ...["approved", "rejected", "revoked"].map((kind) => ({ kind, value: null })),
];
const DECISION = {
  v: 1,
  tenant: uuid,
  decider: uuid,
  at_ms: Number.isSafeInteger,
  subject: SUBJECT,
  choice: CHOICE,
  rationale: text,
  prediction: text,
  check_at_ms: [Number.isSafeInteger, null],
  evidence: all(hash),
  policy: text,
  previous: [hash, null],
  journal: { number: whole, sha256: hash },
  signed: [true, false],
  nonce: like(/^[0-9a-f]{32}$/),
};
const PASSKEY = {
  kind: "passkey",
  algorithm: Number.isSafeInteger,
  public_key: bytes,
  rp_id: text,
  origin: text,
  authenticator_data: bytes,
  client_data_json: bytes,
  signature: bytes,
  batch: [{ index: whole, size: whole, path: all(hash) }, null],
};
const RECEIPT = { v: 1, decision: DECISION, seal: [PASSKEY, { kind: "unsigned", reason: text }] };
const SAID = { brief: ["option", "own", "rejected"], review: ["approved", "rejected", "revoked"] };
const ORIGIN = /^(?:https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*)|http:\/\/((?:[a-z0-9-]+\.)*localhost))(?::[0-9]{1,5})?$/;
const NAME = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;
// Points of small order on the curve of EdDSA, by their y: under such a key one signature fits many messages.
const P = 2n ** 255n - 19n;
const Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const SMALL = [0n, 1n, P - 1n, P, P + 1n, Y, P - Y];

/** What is wrong, by the word of docs/receipts.md. */
export class Refused extends Error {}

function need(condition, code) {
  if (!condition) throw new Refused(code);
}

function fits(value, form) {
  if (typeof form === "function") return form(value);
  if (Array.isArray(form)) return form.some((one) => fits(value, one));
  if (form === null || typeof form !== "object") return value === form;
  const keys = Object.keys(form);
  return isObject(value) && Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key) && fits(value[key], form[key]));
}

/** The canonical spelling of a value that has one. */
function spell(value, depth = 0) {
  if (value === null || typeof value !== "object") {
    need(typeof value !== "number" || Number.isSafeInteger(value), "json");
    need(typeof value !== "string" || !/\p{Surrogate}/u.test(value), "json");
    return JSON.stringify(value);
  }
  need(depth < 32, "json");
  if (Array.isArray(value)) return `[${value.map((item) => spell(item, depth + 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  need(keys.every((key) => !/[^\0-\x7f]/.test(key)), "json");
  return `{${keys.map((key) => `${JSON.stringify(key)}:${spell(value[key], depth + 1)}`).join(",")}}`;
}

/** JSON that has a canonical spelling, and that spelling. */
function read(data, code) {
  try {
    const json = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    const value = JSON.parse(json);
    // JSON.parse takes the last of two values under one key, and forgets how a number was written.
    const bare = json.replace(/"(?:[^"\\]|\\.)*"(\s*:)?/g, (_, colon) => (colon ? "k" : ""));
    need(bare.split("k").length - 1 === count(value) && !/\d[.eE]|-0/.test(bare), code);
    return [value, spell(value)];
  } catch {
    throw new Refused(code);
  }
}

/** How many keys there are, at every depth. */
function count(value) {
  if (value === null || typeof value !== "object") return 0;
  const inside = Object.values(value).reduce((sum, item) => sum + count(item), 0);
  return inside + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

const encode = (words) => new TextEncoder().encode(words);
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
}

function pack(data) {
  const letters = btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
  return letters.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
}

function unpack(words) {
  need(words.length % 4 !== 1, "form");
  const data = Uint8Array.from(atob(words.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  need(pack(data) === words, "form");
  return data;
}

function each(subject, list, field) {
  const items = Object.hasOwn(subject.text, list) ? subject.text[list] : null;
  need(Array.isArray(items) && items.every((one) => isObject(one) && Object.hasOwn(one, field) && text(one[field])), "decision");
  return items.map((one) => one[field]);
}

async function checkSubject({ subject, choice, evidence }) {
  need(SAID[subject.kind].includes(choice.kind), "decision");
  if (subject.kind !== "brief") return;
  need(hex(await sha256(encode(spell(subject.text)))) === subject.sha256, "decision");
  need(choice.kind !== "option" || each(subject, "options", "key").includes(choice.value), "decision");
  const own = each(subject, "evidence", "sha256");
  need(own.length === evidence.length && own.every((one, at) => one === evidence[at]), "decision");
}

/** What checks a signature of this key over a message. */
async function publicKey(cose, algorithm) {
  const starts = (digits) => same(cose.slice(0, digits.length / 2), unhex(digits));
  const importing = async (format, data, kind) => {
    try {
      return await crypto.subtle.importKey(format, data, kind, false, ["verify"]);
    } catch (error) {
      // A browser that does not know the algorithm is no fault of the receipt's.
      if (error.name === "NotSupportedError") throw error;
      throw new Refused("key");
    }
  };
  if (algorithm === -7 && cose.length === 77 && starts("a5010203262001215820") && hex(cose.slice(42, 45)) === "225820") {
    const point = join([4], cose.slice(10, 42), cose.slice(45));
    const key = await importing("raw", point, { name: "ECDSA", namedCurve: "P-256" });
    return async (signature, message) => {
      const plain = fromDer(signature);
      return plain !== null && crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, plain, message);
    };
  }
  if (algorithm === -8 && cose.length === 42 && starts("a4010103272006215820")) {
    const y = BigInt(`0x${hex(cose.slice(10).reverse())}`) % 2n ** 255n;
    need(!SMALL.includes(y), "key");
    const key = await importing("raw", cose.slice(10), "Ed25519");
    return (signature, message) => crypto.subtle.verify("Ed25519", key, signature, message);
  }
  const n = cose.slice(11, -5);
  const isRsa = starts("a40103033901002059") && cose[9] * 256 + cose[10] === n.length && hex(cose.slice(-5)) === "2143010001";
  need(algorithm === -257 && isRsa && n.length >= 256 && n.length <= 512 && n[0] >= 128 && n.at(-1) % 2 === 1, "key");
  const kind = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await importing("jwk", { kty: "RSA", n: pack(n), e: "AQAB" }, kind);
  return (signature, message) => crypto.subtle.verify(kind.name, key, signature, message);
}

/** WebCrypto takes both numbers of an ECDSA signature as 32 bytes, passkeys write them in DER; null where it is none. */
function fromDer(der) {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const plain = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const number = der.slice(at + 2, at + 2 + der[at + 1]);
    const isPadded = number[0] === 0;
    if (der[at] !== 2 || number.length === 0 || number.length !== der[at + 1] || number[0] > 127) return null;
    if (isPadded && (number.length === 1 || number[1] < 128)) return null;
    const digits = isPadded ? number.slice(1) : number;
    if (digits.length > 32) return null;
    plain.set(digits, end - digits.length);
    at += 2 + number.length;
  }
  return at === der.length ? plain : null;
}

/** What the passkey was asked to sign: the decision's hash, or the root of a batch (RFC 9162, section 2.1.3.2). */
async function challengeOf(decision, batch) {
  if (batch === null) return decision;
  need(batch.size >= 2 && batch.size <= 1000 && batch.index < batch.size, "place");
  let [index, last, node] = [batch.index, batch.size - 1, await sha256([0], decision)];
  for (const step of batch.path.map(unhex)) {
    need(last > 0, "place");
    if (index % 2 === 1 || index === last) {
      node = await sha256([1], step, node);
      for (; index > 0 && index % 2 === 0; last >>= 1) index >>= 1;
    } else {
      node = await sha256([1], node, step);
    }
    index >>= 1;
    last >>= 1;
  }
  need(last === 0, "place");
  return sha256([2], unhex(batch.size.toString(16).padStart(16, "0")), node);
}

function withoutBlanks(data) {
  const isBlank = (byte) => [0x20, 0x09, 0x0a, 0x0d].includes(byte);
  let [start, end] = [0, data.length];
  while (start < end && isBlank(data[start])) start += 1;
  while (end > start && isBlank(data[end - 1])) end -= 1;
  return data.slice(start, end);
}

function checkClient(client, challenge, seal) {
  const [said] = read(client, "client_data");
  need(isObject(said), "client_data");
  const says = (key, value) => Object.hasOwn(said, key) && said[key] === value;
  need(says("type", "webauthn.get"), "type");
  need(says("challenge", pack(challenge)), "challenge");
  need(says("origin", seal.origin), "origin");
  need((!Object.hasOwn(said, "crossOrigin") || said.crossOrigin === false) && !Object.hasOwn(said, "topOrigin"), "cross_origin");
  const host = ORIGIN.exec(seal.origin)?.slice(1).find(Boolean);
  need(host && NAME.test(seal.rp_id) && (host === seal.rp_id || host.endsWith(`.${seal.rp_id}`)), "domain");
}

async function checkAuthenticator(data, seal) {
  const flags = data[32];
  need(data.length >= 37 && data.length > 37 === ((flags & 0xc0) !== 0), "authenticator_data");
  need(same(data.slice(0, 32), await sha256(encode(seal.rp_id))), "relying_party");
  need((flags & 0x01) !== 0, "nobody_present");
  need((flags & 0x04) !== 0, "nobody_verified");
  need((flags & 0x18) !== 0x10, "backup");
}

/**
 * Checks the bytes of a receipt: the decision, its hash, and the fingerprint of the key that signed it (null: nobody
 * did). Throws Refused. Where `keys` or `origins` are named, it must be one of them.
 */
export async function verify(data, { keys = [], origins = [] } = {}) {
  need(data.length <= 2 ** 20, "size");
  const bare = withoutBlanks(data);
  const [receipt, spelled] = read(bare, "json");
  need(same(encode(spelled), bare), "json");
  need(fits(receipt, RECEIPT), "form");
  const { decision, seal } = receipt;
  const fields = ["public_key", "authenticator_data", "client_data_json", "signature"];
  const [cose, authenticator, client, signature] = fields.map((field) => unpack(seal[field] ?? ""));
  await checkSubject(decision);
  const isSealed = seal.kind === "passkey";
  const check = isSealed ? await publicKey(cose, seal.algorithm) : null;
  need(isSealed || !decision.signed, "signature_missing");
  need(decision.signed || !isSealed, "signature_uncalled_for");
  const own = await sha256(encode(spell(decision)));
  if (!isSealed) return { decision, sha256: hex(own), key: null, reason: seal.reason };
  checkClient(client, await challengeOf(own, seal.batch), seal);
  await checkAuthenticator(authenticator, seal);
  need(await check(signature, join(authenticator, await sha256(client))), "signature");
  need(origins.length === 0 || origins.includes(seal.origin), "other_origin");
  const key = hex(await sha256(cose));
  need(keys.length === 0 || keys.includes(key), "other_key");
  return { decision, sha256: hex(own), key, origin: seal.origin, covers: seal.batch?.size ?? 1 };
}

/** Checks each receipt, and that each follows the one before it. */
export async function verifyChain(receipts, trusted) {
  const verdicts = [];
  for (const receipt of receipts) {
    const verdict = await verify(receipt, trusted);
    const before = verdicts.at(-1);
    const follows = !before || (before.decision.tenant === verdict.decision.tenant && before.sha256 === verdict.decision.previous);
    need(follows, "chain");
    verdicts.push(verdict);
  }
  return verdicts;
}

#!/usr/bin/env python3
"""Checks receipts of Countersign by docs/receipts.md, without any code of Countersign's.

    pip install -r examples/python/requirements.txt
    python examples/verify_receipt.py [--key FINGERPRINT]... [--origin ORIGIN]... RECEIPT.json...
"""
import argparse, base64, hashlib, json, re, sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

# Forms: a list holds alternatives, a tuple the form of a list's items, a range integers.
MOST = 2**53 - 1
HASH, BYTES, WHOLE = re.compile("[0-9a-f]{64}"), re.compile("[A-Za-z0-9_-]*"), range(MOST + 1)
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHOICE = [{"kind": kind, "value": str} for kind in ("option", "own")]
CHOICE += [{"kind": kind, "value": None} for kind in ("approved", "rejected", "revoked")]
SUBJECT = {"kind": ["brief", "review"], "id": UUID, "version": range(2**32), "sha256": HASH, "text": dict}
DECISION = {
    "v": 1, "tenant": UUID, "decider": UUID, "at_ms": int, "subject": SUBJECT, "choice": CHOICE, "rationale": str,
    "prediction": str, "check_at_ms": [int, None], "evidence": (HASH,), "policy": str, "previous": [HASH, None],
    "journal": {"number": WHOLE, "sha256": HASH}, "signed": bool, "nonce": re.compile("[0-9a-f]{32}"),
}
PASSKEY = {
    "kind": "passkey", "algorithm": int, "public_key": BYTES, "rp_id": str, "origin": str, "authenticator_data": BYTES,
    "client_data_json": BYTES, "signature": BYTES, "batch": [{"index": WHOLE, "size": WHOLE, "path": (HASH,)}, None],
}
RECEIPT = {"v": 1, "decision": DECISION, "seal": [PASSKEY, {"kind": "unsigned", "reason": str}]}
LABELS = r"[a-z0-9-]+(?:\.[a-z0-9-]+)*"
ORIGIN = re.compile(rf"(?:https://({LABELS})|http://((?:{LABELS}\.)?localhost))(?::[0-9]{{1,5}})?")
# Points of small order on the curve of EdDSA, by their y: under such a key one signature fits many messages.
P, Y = 2**255 - 19, 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL = {0, 1, P - 1, P, P + 1, Y, P - Y}

class Refused(Exception):
    """Says the word for what is wrong."""

def need(condition, code):
    if not condition:
        raise Refused(code)

def fits(value, form):
    if isinstance(form, list):
        return any(fits(value, one) for one in form)
    if isinstance(form, tuple):
        return type(value) is list and all(fits(item, form[0]) for item in value)
    if isinstance(form, dict):
        return type(value) is dict and value.keys() == form.keys() and all(fits(value[key], form[key]) for key in form)
    if isinstance(form, re.Pattern):
        return type(value) is str and bool(form.fullmatch(value))
    if isinstance(form, (range, type)):
        return type(value) is form if isinstance(form, type) else type(value) is int and value in form
    return type(value) is type(form) and value == form

def spell(value, depth=0):
    """The canonical spelling of a value that has one."""
    need(depth < 32 or not isinstance(value, (dict, list)), "json")
    if isinstance(value, dict):
        need(all(key.isascii() for key in value), "json")
        return "{" + ",".join(f"{spell(key)}:{spell(value[key], depth + 1)}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spell(item, depth + 1) for item in value) + "]"
    need(type(value) is not int or abs(value) <= MOST, "json")
    return json.dumps(value, ensure_ascii=False)

def read(text, code):
    """JSON that has a canonical spelling, and that spelling."""
    def refuse(_):
        raise Refused(code)
    def once(pairs):
        return dict(pairs) if len(dict(pairs)) == len(pairs) else refuse(pairs)
    def count(digits):
        return refuse(digits) if digits == "-0" else int(digits)
    try:
        value = json.loads(text.decode(), parse_float=refuse, parse_constant=refuse, parse_int=count, object_pairs_hook=once)
        return value, spell(value).encode()
    except (ValueError, RecursionError, Refused):
        raise Refused(code) from None

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def unpack(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) % 4 != 1 else b""
    need(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text, "form")
    return data

def each(text, items, field):
    items = text.get(items)
    need(type(items) is list and all(type(one) is dict and type(one.get(field)) is str for one in items), "decision")
    return [one[field] for one in items]

def check_subject(subject, choice, evidence):
    said = {"review": ("approved", "rejected", "revoked"), "brief": ("option", "own", "rejected")}[subject["kind"]]
    need(choice["kind"] in said, "decision")
    if subject["kind"] == "brief":
        need(sha256(spell(subject["text"]).encode()).hex() == subject["sha256"], "decision")
        need(choice["kind"] != "option" or choice["value"] in each(subject["text"], "options", "key"), "decision")
        need(evidence == each(subject["text"], "evidence", "sha256"), "decision")

def public_key(cose, algorithm):
    """What checks a signature of this key over a message."""
    x, y, n = cose[10:42], cose[45:], cose[11:-5]
    try:
        if algorithm == -7 and cose == bytes.fromhex("a5010203262001215820") + x + b"\x22\x58\x20" + y and len(y) == 32:
            numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
            key = numbers.public_key()
            return lambda signature, message: key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        if algorithm == -8 and cose == bytes.fromhex("a4010103272006215820") + x and len(x) == 32:
            need(int.from_bytes(x, "little") % 2**255 not in SMALL, "key")
            return ed25519.Ed25519PublicKey.from_public_bytes(x).verify
        if algorithm == -257 and cose == bytes.fromhex("a40103033901002059%04x" % len(n)) + n + bytes.fromhex("2143010001"):
            need(256 <= len(n) <= 512 and n[0] >= 128 and n[-1] % 2 == 1, "key")
            key = rsa.RSAPublicNumbers(65537, int.from_bytes(n, "big")).public_key()
            return lambda signature, message: key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except ValueError:
        pass
    raise Refused("key")

def challenge(decision, batch):
    """What the passkey was asked to sign: the decision's hash, or the root of a batch (RFC 9162, section 2.1.3.2)."""
    if batch is None:
        return decision
    need(2 <= batch["size"] <= 1000 and batch["index"] < batch["size"], "place")
    index, last, node = batch["index"], batch["size"] - 1, sha256(b"\0", decision)
    for step in map(bytes.fromhex, batch["path"]):
        need(last > 0, "place")
        if index % 2 or index == last:
            node = sha256(b"\1", step, node)
            while index and index % 2 == 0:
                index, last = index // 2, last // 2
        else:
            node = sha256(b"\1", node, step)
        index, last = index // 2, last // 2
    need(last == 0, "place")
    return sha256(b"\2", batch["size"].to_bytes(8, "big"), node)

def verify(text, keys=(), origins=()):
    """The decision, its hash, and the fingerprint of the key that signed it (None: nobody did)."""
    need(len(text) <= 2**20, "size")
    receipt, spelled = read(text.strip(b" \t\r\n"), "json")
    need(spelled == text.strip(b" \t\r\n"), "json")
    need(fits(receipt, RECEIPT), "form")
    decision, seal = receipt["decision"], receipt["seal"]
    names = ("public_key", "authenticator_data", "client_data_json", "signature")
    cose, authenticator, client, signature = (unpack(seal.get(name, "")) for name in names)
    check_subject(decision["subject"], decision["choice"], decision["evidence"])
    check = public_key(cose, seal["algorithm"]) if seal["kind"] == "passkey" else None
    need(check or not decision["signed"], "signature_missing")
    need(decision["signed"] or not check, "signature_uncalled_for")
    own = sha256(spell(decision).encode())
    if not check:
        return decision, own.hex(), None
    expected = challenge(own, seal["batch"])
    said, _ = read(client, "client_data")
    need(type(said) is dict, "client_data")
    need(said.get("type") == "webauthn.get", "type")
    need(said.get("challenge") == base64.urlsafe_b64encode(expected).rstrip(b"=").decode(), "challenge")
    need(said.get("origin") == seal["origin"], "origin")
    need(said.get("crossOrigin", False) is False and "topOrigin" not in said, "cross_origin")
    host = ORIGIN.fullmatch(seal["origin"])
    host, name = host and (host[1] or host[2]), seal["rp_id"]
    need(host and re.fullmatch(LABELS, name) and (host == name or host.endswith("." + name)), "domain")
    need(len(authenticator) >= 37, "authenticator_data")
    flags = authenticator[32]
    need((len(authenticator) > 37) == bool(flags & 0xC0), "authenticator_data")
    need(authenticator[:32] == sha256(name.encode()), "relying_party")
    need(flags & 0x01, "nobody_present")
    need(flags & 0x04, "nobody_verified")
    need(flags & 0x18 != 0x10, "backup")
    try:
        check(signature, authenticator + sha256(client))
    except InvalidSignature:
        raise Refused("signature") from None
    need(not origins or seal["origin"] in origins, "other_origin")
    need(not keys or sha256(cose).hex() in keys, "other_key")
    return decision, own.hex(), sha256(cose).hex()

def verify_chain(texts, keys=(), origins=()):
    """Each receipt in turn, and that each follows the one before it."""
    before = None
    for text in texts:
        decision, own, key = verify(text, keys, origins)
        need(before in (None, (decision["tenant"], decision["previous"])), "chain")
        before = decision["tenant"], own
        yield decision, own, key

if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--key", action="append", default=[], help="a key that you know, by its fingerprint")
    arguments.add_argument("--origin", action="append", default=[], help="such as https://console.example.com")
    arguments.add_argument("receipt", nargs="+")
    given, keys = arguments.parse_args(), []
    try:
        for decision, own, key in verify_chain((open(name, "rb").read() for name in given.receipt), given.key, given.origin):
            print(f"{own}: {'signed by the key ' + key if key else 'not signed: it proves nothing'}")
            keys.append(key)
    except Refused as refused:
        print(f"{given.receipt[len(keys)]}: refused, {refused}")
    sys.exit(len(keys) < len(given.receipt) or None in keys)

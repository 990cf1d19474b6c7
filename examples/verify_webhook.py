"""Receives webhooks of Countersign, and believes only those that are signed.

    WEBHOOK_SECRET=whsec_... python3 verify_webhook.py 8099

Python's standard library is all it needs. A library for "Standard Webhooks" does the same.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE_S = 5 * 60


def is_signed(secret, headers, body):
    """Whether one of the signatures is that of the secret, over these very bytes, and not older than five minutes."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = headers["webhook-timestamp"]
    if abs(time.time() - int(stamp)) > TOLERANCE_S:
        return False
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # After a change of the secret there are two, parted by a space.
    sent = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(f"v1,{wanted}", one) for one in sent)


class Receiver(BaseHTTPRequestHandler):
    # What came already: it may come twice, under the same id.
    seen = set()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            good = is_signed(os.environ["WEBHOOK_SECRET"], self.headers, body)
        except (KeyError, TypeError, ValueError, AttributeError):
            good = False
        self.send_response(204 if good else 401)
        self.end_headers()
        if good and self.headers["webhook-id"] not in self.seen:
            self.seen.add(self.headers["webhook-id"])
            what = json.loads(body)
            print(what["type"], what["data"].get("title"), what["data"].get("url"), flush=True)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()

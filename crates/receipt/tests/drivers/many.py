"""Reads questions, one JSON object a line, and answers each with a word: for the tests beside it."""
import base64
import json
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from verify_receipt import Refused, verify_chain  # noqa: E402

for line in sys.stdin:
    question = json.loads(line)
    receipts = [base64.b64decode(receipt) for receipt in question["receipts"]]
    try:
        keys = [key for _, _, key in verify_chain(receipts, question["keys"], question["origins"])]
        print("unsigned" if None in keys else "countersigned")
    except Refused as refused:
        print(refused)

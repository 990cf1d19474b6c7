"""Puts a question before the founder and waits for the decision, with nothing but a stock NATS client.

    pip install -r requirements.txt
    python brief.py --server nats://127.0.0.1:4222 --creds ceo.creds --agent ceo --evidence SHA256

A brief rests on evidence: --evidence is the SHA-256 of an artifact that the agent has put (docs/workspace-api.md).
"""

import argparse
import asyncio
import datetime
import json

import nats
from nats.js.api import AckPolicy, ConsumerConfig

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--server", required=True, help="the bus, as the console shows it")
parser.add_argument("--creds", required=True, help="the credential that you downloaded")
parser.add_argument("--agent", default="ceo", help="the agent whose credential that is (default: ceo)")
parser.add_argument("--evidence", required=True, help="SHA-256 of an artifact that shows what the brief says")
parser.add_argument("--brief", default="deploy-friday", help="the agent's own name for it (default: deploy-friday)")
args = parser.parse_args()


def brief():
    deadline = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
    return {
        "brief": args.brief,
        "title": "Friday's deployment",
        "question": "Do we roll out version 2.4 of the API today?",
        "category": "deploy",
        "context_md": "The error rate is **0.3 %**.",
        "options": [
            {"key": "A", "title": "Roll out now", "consequence": "Customers get the fix today.", "cost_usd": 40,
             "effort": "1 agent-day", "reversible": True, "risk": "medium"},
            {"key": "B", "title": "Wait until Monday", "consequence": "Two customers wait for three days.",
             "cost_usd": 0, "effort": "none", "reversible": True, "risk": "low"},
        ],
        "recommendation": {"key": "B", "why": "Nobody of the team is awake on Saturday.", "confidence": 0.82},
        "evidence": [{"sha256": args.evidence, "title": "Error rates of the week"}],
        "deadline": deadline.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "at_deadline": "none",
        "input_needed": "Whether a customer was promised a date",
    }


async def main():
    nc = await nats.connect(args.server, user_credentials=args.creds, inbox_prefix=f"_INBOX_{args.agent}".encode())
    js = nc.jetstream()
    settings = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, max_ack_pending=3, max_deliver=5, ack_wait=120)
    queue = await js.pull_subscribe(
        f"tasks.{args.agent}.>", durable=f"{args.agent}-agent", stream="TASKS", config=settings
    )
    await js.publish(f"events.{args.agent}.brief.prepared", json.dumps(brief()).encode())
    print(f"asked: {args.brief}", flush=True)
    while True:
        try:
            [message] = await queue.fetch(1, timeout=5)
        except nats.errors.TimeoutError:
            continue
        kind = message.subject.rsplit(".", 1)[-1]
        told = json.loads(message.data)
        if kind not in ("decision_made", "brief_rejected", "brief_question"):
            # Work of another kind is for another program: hand it back.
            await message.nak(delay=30)
            continue
        await message.ack()
        if told.get("brief") != args.brief:
            continue
        if kind == "brief_rejected":
            for fault in told["faults"]:
                print(f"refused: {fault['pointer'] or 'the brief'}: {fault['why']} {fault['fix']}", flush=True)
            break
        if kind == "brief_question":
            # Whoever knows the bus alone answers with an event.
            answer = {"task": message.headers["Countersign-Task"], "answer": "Nobody was promised a date."}
            await js.publish(f"events.{args.agent}.brief.answered", json.dumps(answer).encode())
            continue
        choice = told["choice"]
        what = {"option": lambda: f"option {choice['key']}: {choice['title']}", "own": lambda: choice["answer"],
                "rejected": lambda: "nothing of it"}[choice["kind"]]()
        print(f"decided by {told['decided_by'] or 'silence'}: {what}", flush=True)
        break
    await nc.drain()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass

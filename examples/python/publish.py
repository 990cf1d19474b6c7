"""Gives an agent a task, with nothing but a stock NATS client.

    pip install -r requirements.txt
    python publish.py --server nats://127.0.0.1:4222 --creds cso.creds --agent cso
"""

import argparse
import asyncio
import json
import time
import uuid

import nats

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--server", required=True, help="the bus, as the console shows it")
parser.add_argument("--creds", required=True, help="the credential that you downloaded")
parser.add_argument("--agent", default="cso", help="the agent whose credential that is (default: cso)")
parser.add_argument("--count", type=int, default=1, help="how many tasks to publish (default: 1)")
args = parser.parse_args()


async def main():
    # A credential may read its agent's own inbox only, so the inbox is named after the agent.
    nc = await nats.connect(args.server, user_credentials=args.creds, inbox_prefix=f"_INBOX_{args.agent}".encode())
    for _ in range(args.count):
        task = {
            "task": "Scan the repository for leaked secrets",
            "repo": "acme/console",
            # Everything with the same correlation_id is one trace in the console.
            "correlation_id": f"scan-{uuid.uuid4()}",
            "timestamp": int(time.time() * 1000),
        }
        # The answer comes when the task is on disk. With a message id it may safely be published
        # again when no answer came: the bus keeps one.
        stored = await nc.jetstream().publish(
            f"tasks.{args.agent}.security_scan", json.dumps(task).encode(), headers={"Nats-Msg-Id": str(uuid.uuid4())}
        )
        print(f"stored as {stored.seq}, trace {task['correlation_id']}, sent at {task['timestamp']}", flush=True)
    await nc.close()


asyncio.run(main())

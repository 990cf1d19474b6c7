"""Work on an agent's tasks with a stock NATS client: python worker.py --server nats://127.0.0.1:4222 --creds cso.creds"""
import argparse, asyncio, json, os
import nats
from nats.errors import TimeoutError
from nats.js.api import AckPolicy, ConsumerConfig

parser = argparse.ArgumentParser()
parser.add_argument("--server", required=True)
parser.add_argument("--creds", required=True)
parser.add_argument("--agent", default="cso")
parser.add_argument("--mode", choices=["ack", "nak", "die"], default="ack")
args = parser.parse_args()

async def main():
    nc = await nats.connect(args.server, user_credentials=args.creds, inbox_prefix=f"_INBOX_{args.agent}".encode())
    # The queue is there already; these are its settings.
    settings = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, max_ack_pending=3, max_deliver=5, ack_wait=120)
    tasks = await nc.jetstream().pull_subscribe(
        f"tasks.{args.agent}.>", durable=f"{args.agent}-agent", stream="TASKS", config=settings)
    while True:
        try:
            [task] = await tasks.fetch(1, timeout=5)
        except TimeoutError:
            continue
        print(f"attempt {task.metadata.num_delivered}: {json.loads(task.data)}", flush=True)
        if args.mode == "die":
            os._exit(1)
        await (task.ack() if args.mode == "ack" else task.nak(delay=30))

asyncio.run(main())

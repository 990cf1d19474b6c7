"""Works on an agent's tasks, with nothing but a stock NATS client.

    pip install -r requirements.txt
    python worker.py --server nats://127.0.0.1:4222 --creds cso.creds --agent cso

Stop it with Ctrl-C. --mode shows what else can happen to a task:
    ack   do it
    nak   return it; the bus hands it out again after --nak-delay seconds, five times in all
    die   crash in the middle of it; the bus hands it out again when its patience ends (120 s)
    fail  give it up for good, and say why in an event
    term  give it up for good, and say why in the answer itself
"""

import argparse
import asyncio
import json
import os

import nats
from nats.js.api import AckPolicy, ConsumerConfig

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--server", required=True, help="the bus, as the console shows it")
parser.add_argument("--creds", required=True, help="the credential that you downloaded")
parser.add_argument("--agent", default="cso", help="the agent whose credential that is (default: cso)")
parser.add_argument("--mode", choices=["ack", "nak", "die", "fail", "term"], default="ack")
parser.add_argument("--nak-delay", type=float, default=30, help="seconds until a returned task comes again")
parser.add_argument("--max", type=int, default=0, help="stop after so many tasks (default: never)")
args = parser.parse_args()


async def main():
    # A credential may read its agent's own inbox only, so the inbox is named after the agent.
    nc = await nats.connect(args.server, user_credentials=args.creds, inbox_prefix=f"_INBOX_{args.agent}".encode())

    async def tell(topic, **facts):
        await nc.publish(f"events.{args.agent}.{topic}", json.dumps(facts).encode())

    async def keep_beating():
        while True:
            await tell("heartbeat")
            await asyncio.sleep(10)

    beating = asyncio.create_task(keep_beating())

    # The queue is there already, with these settings: this binds to it and changes nothing.
    settings = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, max_ack_pending=3, max_deliver=5, ack_wait=120)
    queue = await nc.jetstream().pull_subscribe(
        f"tasks.{args.agent}.>", durable=f"{args.agent}-agent", stream="TASKS", config=settings
    )
    print(f"{args.agent} waits for tasks", flush=True)
    done = 0
    while args.max == 0 or done < args.max:
        try:
            [message] = await queue.fetch(1, timeout=5)
        except nats.errors.TimeoutError:
            continue
        except nats.errors.ConnectionClosedError:
            break
        await work(nc, tell, message)
        done += 1
    beating.cancel()
    if nc.is_closed:
        raise SystemExit("The bus has closed the connection. Has the credential been revoked?")
    await nc.drain()


async def work(nc, tell, message):
    task = json.loads(message.data)
    # Every client finds these two in the message. With them the console knows which task and attempt
    # an event is about.
    about = {"stream_seq": message.metadata.sequence.stream, "attempt": message.metadata.num_delivered}
    trace = {"correlation_id": task.get("correlation_id")}
    print(f"task {about['stream_seq']}, attempt {about['attempt']}: {task.get('task')}", flush=True)
    await tell("task.started", **about, **trace)

    # Here your agent would do what the task asks for.

    why = f"the scanner has no rules for {task.get('repo')} (attempt {about['attempt']})"
    if args.mode == "ack":
        await tell("usage.reported", usd=0.0123, input_tokens=1800, output_tokens=240, **about, **trace)
        await message.ack()
    elif args.mode == "nak":
        await tell("task.failed", reason=why, **about, **trace)
        await message.nak(delay=args.nak_delay)
    elif args.mode == "fail":
        await tell("task.failed", reason=why, **about, **trace)
        await message.term()
    elif args.mode == "term":
        await nc.publish(message.reply, f"+TERM {why}".encode())
    elif args.mode == "die":
        await nc.flush()
        os._exit(1)


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass

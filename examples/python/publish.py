"""Give an agent a task with a stock NATS client: python publish.py --server nats://127.0.0.1:4222 --creds cso.creds"""
import argparse, asyncio, json, uuid
import nats

parser = argparse.ArgumentParser()
parser.add_argument("--server", required=True)
parser.add_argument("--creds", required=True)
parser.add_argument("--agent", default="cso")
args = parser.parse_args()

async def main():
    # A credential may read its own inbox only, so the prefix names the agent.
    nc = await nats.connect(args.server, user_credentials=args.creds, inbox_prefix=f"_INBOX_{args.agent}".encode())
    task = {"task": "Scan the repository", "repo": "acme/console", "correlation_id": f"scan-{uuid.uuid4()}"}
    ack = await nc.jetstream().publish(
        f"tasks.{args.agent}.security_scan", json.dumps(task).encode(), headers={"Nats-Msg-Id": str(uuid.uuid4())})
    print(f"kept as message {ack.seq}, trace {task['correlation_id']}")
    await nc.close()

asyncio.run(main())

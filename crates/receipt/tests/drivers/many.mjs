// Reads questions, one JSON object a line, and answers each with a word: for the tests beside it.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

// As the browser gets it: a module by itself, whatever package it lies in.
const source = await readFile(process.argv[2]);
const { Refused, verifyChain } = await import(`data:text/javascript;base64,${source.toString("base64")}`);

for await (const line of createInterface({ input: process.stdin })) {
  const { receipts, ...trusted } = JSON.parse(line);
  try {
    const verdicts = await verifyChain(receipts.map((receipt) => new Uint8Array(Buffer.from(receipt, "base64"))), trusted);
    console.log(verdicts.some(({ key }) => key === null) ? "unsigned" : "countersigned");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.log(error.message);
  }
}

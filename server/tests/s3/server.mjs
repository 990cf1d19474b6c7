// server.mjs FOLDER: a store that speaks S3 with one bucket, `work`, in the folder. Prints its port, and ends with
// its standard input. It checks signatures; its only key is S3RVER:S3RVER.

import S3rver from "s3rver";

const store = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory: process.argv[2],
  configureBuckets: [{ name: "work", configs: [] }],
});
const { port } = await store.run();
console.log(port);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

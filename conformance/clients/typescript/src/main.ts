// A client for `diem vectors consume --program "node conformance/clients/typescript/dist/main.js"`.

import { createInterface } from "node:readline";
import { reply } from "./lines.js";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${reply(line)}\n`);
}

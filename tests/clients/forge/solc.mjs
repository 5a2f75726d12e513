#!/usr/bin/env node
// The compiler that the contracts are built with, from npm, as a program such as forge expects: it is JavaScript, and has
// neither --version nor --standard-json of its own.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const contracts = new URL("../../../conformance/contracts/package.json", import.meta.url);
const solc = createRequire(contracts)("solc");

if (process.argv.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler\nVersion: ${solc.version()}\n`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
}

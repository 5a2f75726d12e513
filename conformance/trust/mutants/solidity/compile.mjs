// Reads requests, one JSON object a line, and answers each with one line; ends when its input does.
//
//   {"trees": ["src/VVV.sol"]}                  -> {"src/VVV.sol": {"text": …, "tree": the syntax tree}}
//   {"contract": "VVV", "file": …, "text": …}   -> the contract's code if this were the file's text, or {"error": …}

import { createInterface } from "node:readline";

import { Failure, compile, loadTools, readSource } from "../../../contracts/build.mjs";

function trees({ solc }, files) {
  const sources = Object.fromEntries(files.map((file) => [file, { content: readSource(file) }]));
  const input = { language: "Solidity", sources, settings: { outputSelection: { "*": { "": ["ast"] } } } };
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (name) => ({ contents: readSource(name) }) }),
  );
  return Object.fromEntries(
    files.map((file) => [file, { text: sources[file].content, tree: output.sources[file].ast }]),
  );
}

function code(tools, { contract, file, text }) {
  const patch = file && { file, apply: () => text };
  try {
    const { bytecode, deployedBytecode, immutableReferences } = compile(tools, contract, { patch });
    return { bytecode, deployedBytecode, immutableReferences };
  } catch (error) {
    if (error instanceof Failure) return { error: error.message.split("\n")[0] };
    throw error;
  }
}

try {
  const tools = await loadTools();
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const answer = request.trees ? trees(tools, request.trees) : code(tools, request);
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

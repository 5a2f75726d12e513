// Compiles the contracts, and their deliberately broken copies, into JSON artifacts; a module for those who compile
// copies of their own.
//
//   node build.mjs              writes the artifacts
//   node build.mjs --check      compiles in memory and fails unless the artifacts on disk are the same, byte for byte
//   node build.mjs --targets    the same for the worked examples of targets, instead; also with --check

import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, "../..");
const ARTIFACTS = "conformance/artifacts";
const BROKEN = "tests/meta/broken";
const BROKEN_LIST = `${BROKEN}/broken.json`;
const OLDEST_NODE = 18;

export const CONTRACTS = {
  VVV: "src/VVV.sol",
  Staking: "src/Staking.sol",
  ERC1967Proxy: "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol",
  DIEM: "src/DIEM.sol",
  DailyCredits: "src/DailyCredits.sol",
};

const SETTINGS = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 200 },
  viaIR: false,
};

const TARGETS = "conformance/targets";

const VARIANT = {
  Coin: "variant/Coin.sol",
  Vault: "variant/Vault.sol",
  Gem: "variant/Gem.sol",
  Meter: "variant/Meter.sol",
};

/** The worked examples: what is compiled, and how. */
const EXAMPLES = {
  "no-optimizer": { contracts: CONTRACTS, settings: { ...SETTINGS, optimizer: { enabled: false, runs: 200 } } },
  "via-ir": { contracts: CONTRACTS, settings: { ...SETTINGS, viaIR: true } },
  variant: { contracts: VARIANT, settings: SETTINGS },
};

const OUTPUTS = ["abi", "metadata", "storageLayout", "evm.bytecode", "evm.deployedBytecode"];

/** A failure that is explained by its message alone. */
export class Failure extends Error {}

// ---------------------------------------------------------------- tools

export async function loadTools() {
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    throw new Failure(`Node ${OLDEST_NODE} or newer is needed, this is ${process.versions.node}`);
  }
  checkInstalled();
  const solc = (await import("solc")).default;
  const { keccak_256 } = await import("@noble/hashes/sha3");
  return { solc, keccak: (bytes) => "0x" + Buffer.from(keccak_256(bytes)).toString("hex") };
}

/** The libraries are compiled in, so another version of one would give other bytecode. */
function checkInstalled() {
  const pins = readJson(join(HERE, "package.json")).dependencies;
  for (const [name, pin] of Object.entries(pins)) {
    const manifest = join(HERE, "node_modules", name, "package.json");
    if (!existsSync(manifest)) throw new Failure(`${name} is not installed: run npm ci --ignore-scripts`);
    const found = readJson(manifest).version;
    if (found !== pin) throw new Failure(`${name} is ${found}, not ${pin}: run npm ci --ignore-scripts`);
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

// ---------------------------------------------------------------- compiling

/** The bytes of a source: a name under src/ is ours, one under variant/ a worked example's, every other a package's. */
export function readSource(name) {
  const folders = { src: HERE, variant: join(ROOT, TARGETS) };
  return readFileSync(join(folders[name.split("/")[0]] ?? join(HERE, "node_modules"), name), "utf8");
}

/** Compiles one contract alone, so that its artifact does not depend on the others' sources. */
export function compile({ solc, keccak }, contractName, { patch, contracts = CONTRACTS, settings = SETTINGS } = {}) {
  const sourceName = contracts[contractName];
  const texts = {};
  const load = (name) => (texts[name] ??= patch?.file === name ? patch.apply(readSource(name)) : readSource(name));
  const input = {
    language: "Solidity",
    sources: { [sourceName]: { content: load(sourceName) } },
    settings: { ...settings, outputSelection: { [sourceName]: { [contractName]: OUTPUTS } } },
  };
  const findImport = (name) => {
    try {
      return { contents: load(name) };
    } catch (error) {
      return { error: error instanceof Failure ? error.message : "no such file" };
    }
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImport }));

  // A broken copy may well leave a variable unused; the contracts themselves compile without a warning.
  const complaint = (output.errors ?? []).find((e) => e.severity === "error" || (!patch && e.severity === "warning"));
  if (complaint) throw new Failure(complaint.formattedMessage.trim());
  if (patch && !(patch.file in texts)) throw new Failure(`${contractName} does not use ${patch.file}`);
  return artifact(keccak, contractName, sourceName, output.contracts[sourceName][contractName], settings, texts);
}

function artifact(keccak, contractName, sourceName, compiled, settings, texts) {
  const metadata = JSON.parse(compiled.metadata);
  const { bytecode, deployedBytecode } = compiled.evm;
  const names = Object.keys(metadata.sources).sort();
  return {
    contractName,
    sourceName,
    compiler: { version: metadata.compiler.version, settings },
    bytecodeKeccak: keccak(Buffer.from(bytecode.object, "hex")),
    deployedBytecodeKeccak: keccak(Buffer.from(deployedBytecode.object, "hex")),
    sources: Object.fromEntries(names.map((name) => [name, keccak(Buffer.from(texts[name], "utf8"))])),
    licenses: Object.fromEntries(names.map((name) => [name, metadata.sources[name].license])),
    abi: compiled.abi,
    storageLayout: compiled.storageLayout,
    immutableReferences: deployedBytecode.immutableReferences,
    bytecode: "0x" + bytecode.object,
    deployedBytecode: "0x" + deployedBytecode.object,
  };
}

// ---------------------------------------------------------------- broken copies

function readPatches() {
  const path = join(ROOT, BROKEN_LIST);
  if (!existsSync(path)) throw new Failure(`${BROKEN_LIST} is missing`);
  return readJson(path).map(({ name, file, find, replace, contract }) => ({
    name,
    file,
    contract,
    apply(text) {
      const matches = text.split(find).length - 1;
      if (matches !== 1) throw new Failure(`${BROKEN_LIST}: ${name} must match ${file} once, not ${matches} times`);
      return text.replace(find, () => replace);
    },
  }));
}

/** The creation code without the sources' hash, which solc appends to the runtime code with its length in two bytes. */
function codeOf({ bytecode, deployedBytecode }) {
  const tail = deployedBytecode.slice(-2 * (parseInt(deployedBytecode.slice(-4), 16) + 2));
  return bytecode.replace(tail, "");
}

// ---------------------------------------------------------------- artifacts

/** Every file the build stands for, as a map from its path under the root to its object. */
function build(tools) {
  const files = new Map();
  for (const name of Object.keys(CONTRACTS)) {
    files.set(`${ARTIFACTS}/${name}.json`, compile(tools, name));
  }
  for (const patch of readPatches()) {
    const broken = compile(tools, patch.contract, { patch });
    if (codeOf(broken) === codeOf(files.get(`${ARTIFACTS}/${patch.contract}.json`))) {
      throw new Failure(`${BROKEN_LIST}: ${patch.name} changes nothing`);
    }
    files.set(`${BROKEN}/${patch.name}/${patch.contract}.json`, broken);
  }
  return files;
}

/** Likewise of the worked examples. */
function buildTargets(tools) {
  const files = new Map();
  for (const [example, how] of Object.entries(EXAMPLES)) {
    for (const name of Object.keys(how.contracts)) {
      files.set(`${TARGETS}/${example}/${name}.json`, compile(tools, name, how));
    }
  }
  return files;
}

function serialize(object) {
  return JSON.stringify(object, null, 2) + "\n";
}

/** The JSON files that stand where the build writes its own. */
function filesOnDisk(targets) {
  const list = (folder) =>
    existsSync(join(ROOT, folder)) ? readdirSync(join(ROOT, folder), { withFileTypes: true }) : [];
  const json = (folder) =>
    list(folder)
      .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
      .map((entry) => `${folder}/${entry.name}`);
  if (targets) return Object.keys(EXAMPLES).flatMap((example) => json(`${TARGETS}/${example}`));
  const copies = list(BROKEN).filter((entry) => entry.isDirectory());
  return [...json(ARTIFACTS), ...copies.flatMap((entry) => json(`${BROKEN}/${entry.name}`))];
}

function write(files, targets) {
  for (const path of filesOnDisk(targets)) {
    if (!files.has(path)) rmSync(join(ROOT, path));
  }
  for (const [path, object] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), serialize(object));
  }
}

/** One line for every file that is not what the build gives. */
function differences(files, targets) {
  const lines = [];
  for (const [path, object] of files) {
    if (!existsSync(join(ROOT, path))) lines.push(`${path}: missing`);
    else {
      const found = readFileSync(join(ROOT, path), "utf8");
      if (found !== serialize(object)) lines.push(`${path}: ${difference(found, object)}`);
    }
  }
  for (const path of filesOnDisk(targets)) {
    if (!files.has(path)) lines.push(`${path}: not a file of this build`);
  }
  return lines;
}

function difference(text, expected) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    return "not JSON";
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found ?? {})])) {
    const [f, e] = [JSON.stringify(found?.[key]), JSON.stringify(expected[key])];
    if (f !== e) return `${key} differs: ${excerpts(f, e)}`;
  }
  return "differs in its formatting";
}

/** Both values from shortly before where they part. */
function excerpts(found = "nothing", expected = "nothing") {
  let at = 0;
  while (found[at] === expected[at]) at += 1;
  const start = Math.max(0, at - 12);
  const excerpt = (value) =>
    (start > 0 ? "…" : "") + value.slice(start, start + 48) + (value.length > start + 48 ? "…" : "");
  return `found ${excerpt(found)}, expected ${excerpt(expected)}`;
}

// ---------------------------------------------------------------- the command

async function main(args) {
  if (args.some((arg) => arg !== "--check" && arg !== "--targets")) {
    throw new Failure("usage: node build.mjs [--targets] [--check]");
  }
  const targets = args.includes("--targets");
  const files = (targets ? buildTargets : build)(await loadTools());
  if (!args.includes("--check")) {
    write(files, targets);
    console.log(`wrote ${files.size} artifacts`);
    return;
  }
  const lines = differences(files, targets);
  for (const line of lines) console.error(line);
  if (lines.length > 0) process.exitCode = 1;
  else console.log(`${files.size} artifacts are what the sources compile to`);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Failure ? `build: ${error.message}` : error);
    process.exitCode = 1;
  });
}

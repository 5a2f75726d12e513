// viem's clients of the node that the environment names, and the contracts as their artifacts describe them.

import { readFileSync } from "node:fs";
import { createPublicClient, createTestClient, createWalletClient, defineChain, getContract, http, webSocket } from "viem";
import { privateKeyToAccount } from "viem/accounts";

/** What the test that starts this knows of the node: http, websocket, contracts, accounts. */
const NODE = JSON.parse(process.env.DIEM_NODE);
const ARTIFACTS = new URL("../../../conformance/artifacts/", import.meta.url);

const chain = defineChain({
  id: 8453,
  name: "VVV and DIEM, development",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [NODE.http], webSocket: [NODE.websocket] } },
});

const polling = { chain, pollingInterval: 20 };

export const reader = createPublicClient({ ...polling, transport: http(NODE.http, { batch: true }) });
export const listener = createPublicClient({ chain, transport: webSocket(NODE.websocket) });
export const time = createTestClient({ ...polling, mode: "anvil", transport: http(NODE.http) });
export const httpUrl = NODE.http;

/** A wallet of an account of the preset: it asks the node for nonces, gas and fees by itself. */
export function wallet(name) {
  const account = privateKeyToAccount(NODE.accounts[name]);
  return createWalletClient({ ...polling, account, transport: http(NODE.http) });
}

export const vvv = contract("VVV");
export const staking = contract("Staking");
export const diem = contract("DIEM");
export const credits = contract("DailyCredits");

function contract(name) {
  const { abi } = JSON.parse(readFileSync(new URL(`${name}.json`, ARTIFACTS), "utf8"));
  return getContract({ abi, address: NODE.contracts[name], client: reader });
}

/** Send a call and wait until it is in a block; throw if it was refused there. */
export async function send(from, { abi, address }, functionName, args = []) {
  const hash = await from.writeContract({ abi, address, functionName, args });
  const receipt = await reader.waitForTransactionReceipt({ hash, timeout: 30_000 });
  if (receipt.status !== "success") throw new Error(`${functionName} was refused in block ${receipt.blockNumber}`);
  return receipt;
}

/** Let time go on, and make a block then. */
export async function passTime(seconds) {
  await time.increaseTime({ seconds: Number(seconds) });
  await time.mine({ blocks: 1 });
}

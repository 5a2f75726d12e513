// viem against a running node, over the preset snapshot-2026-09-19; each test finds the node as it was started.

import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  getAddress,
  http,
  keccak256,
  parseEther,
  parseEventLogs,
  parseSignature,
} from "viem";
import { base } from "viem/chains";
import { credits, diem, httpUrl, listener, passTime, reader, send, staking, time, vvv, wallet } from "./setup.mjs";

const DAY = 86_400n;
const PERMIT = [
  { name: "owner", type: "address" },
  { name: "spender", type: "address" },
  { name: "value", type: "uint256" },
  { name: "nonce", type: "uint256" },
  { name: "deadline", type: "uint256" },
];
const newcomer = wallet("newcomer");
const me = newcomer.account.address;

let snapshot;
beforeEach(async () => {
  snapshot = await time.snapshot();
});
afterEach(async () => {
  await time.revert({ id: snapshot });
});
// A socket that is open keeps the process from ending.
after(async () => {
  (await listener.transport.getRpcClient()).close();
});

async function stake(from, amount) {
  await send(from, vvv, "approve", [staking.address, amount]);
  return send(from, staking, "stake", [from.account.address, amount]);
}

/** The error by which the client says why a call is refused. */
async function refusal(promise) {
  const error = await promise.then(() => assert.fail("expected a refusal"), (thrown) => thrown);
  assert.ok(error instanceof BaseError, error);
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  assert.ok(reverted instanceof ContractFunctionRevertedError, error);
  return reverted;
}

test("the life of a DIEM", async () => {
  assert.equal(await vvv.read.balanceOf([me]), parseEther("25000"));
  await stake(newcomer, parseEther("20000"));
  assert.equal(await vvv.read.balanceOf([me]), parseEther("5000"));
  assert.equal(await staking.read.balanceOf([me]), parseEther("20000"));

  // The supply is 37,713.66 DIEM: within the 76th step, which ends at 38,000, far enough from its end.
  const rate = await staking.read.diemMintRates([75n]);
  const minted = (parseEther("10000") * 10n ** 18n) / rate;
  assert.equal(await staking.read.getDiemAmountOut([parseEther("10000")]), minted);
  await send(newcomer, staking, "mintDiem", [parseEther("10000"), minted]);
  assert.equal(await diem.read.balanceOf([me]), minted);
  assert.deepEqual(await staking.read.lockedStakes([me]), [parseEther("10000"), minted]);

  // The gateway records the stake in its block; it counts from the next midnight on.
  const staked = await send(newcomer, diem, "stake", [parseEther("20")]);
  const block = await reader.getBlock({ blockNumber: staked.blockNumber, includeTransactions: true });
  const gateway = wallet("gateway");
  assert.deepEqual(block.transactions.map((sent) => getAddress(sent.from)), [me, gateway.account.address]);
  assert.equal(await credits.read.available([me]), 0n);
  await passTime(DAY - (block.timestamp % DAY));
  assert.equal(await credits.read.available([me]), parseEther("20"));
  await send(gateway, credits, "spend", [me, parseEther("12.5")]);
  assert.equal(await credits.read.available([me]), parseEther("7.5"));
  await passTime(DAY);
  assert.equal(await credits.read.available([me]), parseEther("20"));

  await send(newcomer, diem, "initiateUnstake", [parseEther("20")]);
  await passTime(DAY);
  assert.equal(await credits.read.available([me]), 0n);
  await send(newcomer, diem, "unstake");
  await send(newcomer, staking, "burnDiem", [minted]);
  assert.deepEqual(await staking.read.lockedStakes([me]), [0n, 0n]);
  assert.equal(await diem.read.totalSupply(), 37_713_657_734_473_535_977_725n);

  await passTime(DAY);
  const claim = await send(newcomer, staking, "claim");
  await send(newcomer, staking, "initiateUnstake", [parseEther("20000")]);
  const rewarded = await vvv.read.balanceOf([me]);
  const claims = await staking.getEvents.Claimed({ user: me }, { fromBlock: 0n });
  assert.equal(rewarded, parseEther("5000") + claims.reduce((sum, log) => sum + log.args.amount, 0n));
  assert.ok(claims.some((log) => log.transactionHash === claim.transactionHash));
  await passTime(7n * DAY);
  await send(newcomer, staking, "finalizeUnstake");
  assert.equal(await vvv.read.balanceOf([me]), rewarded + parseEther("20000"));
});

test("refusals are errors with their reason", async () => {
  const account = newcomer.account;
  const tooMuch = staking.simulate.mintDiem([1n, 0n], { account });
  assert.equal((await refusal(tooMuch)).reason, "INSUFFICIENT_BALANCE");
  assert.equal((await refusal(send(newcomer, credits, "spend", [me, 1n]))).reason, "NOT_GATEWAY");
  const stranger = await refusal(send(newcomer, staking, "setEmissionRate", [0n]));
  assert.deepEqual([stranger.data.errorName, stranger.data.args], ["OwnableUnauthorizedAccount", [me]]);
  const poor = await refusal(diem.simulate.transfer([staking.address, 7n], { account }));
  assert.deepEqual([poor.data.errorName, poor.data.args], ["ERC20InsufficientBalance", [me, 0n, 7n]]);
  const panic = await refusal(vvv.simulate.transfer([staking.address, parseEther("25001")], { account }));
  assert.match(panic.reason, /Arithmetic operation resulted in underflow or overflow/);
});

test("a refused call that is sent all the same has a receipt", async () => {
  const { abi, address } = staking;
  const hash = await newcomer.writeContract({ abi, address, functionName: "finalizeUnstake", gas: 200_000n });
  const receipt = await reader.waitForTransactionReceipt({ hash });
  assert.deepEqual([receipt.status, receipt.logs], ["reverted", []]);
  assert.equal(await reader.getTransactionCount({ address: me }), 1);
});

test("ether is sent in every kind of transaction", async () => {
  const to = "0x00000000000000000000000000000000000D1E30";
  for (const type of ["legacy", "eip2930", "eip1559"]) {
    const accessList = type === "eip2930" ? [{ address: to, storageKeys: [] }] : undefined;
    const hash = await newcomer.sendTransaction({ to, value: parseEther("0.5"), type, accessList });
    const receipt = await reader.waitForTransactionReceipt({ hash });
    assert.deepEqual([receipt.status, receipt.type], ["success", type]);
    assert.equal((await reader.getTransaction({ hash })).value, parseEther("0.5"));
  }
  assert.equal(await reader.getBalance({ address: to }), parseEther("1.5"));
});

test("a permit signed as typed data is an allowance", async () => {
  const nonce = await vvv.read.nonces([me]);
  const domain = { name: "Venice Token", version: "1", chainId: 8453, verifyingContract: vvv.address };
  const message = { owner: me, spender: staking.address, value: 123n, nonce, deadline: 2n ** 64n };
  const { r, s, v } = parseSignature(
    await newcomer.signTypedData({ domain, primaryType: "Permit", types: { Permit: PERMIT }, message }),
  );
  const { owner, spender, value, deadline } = message;
  await send(wallet("staker"), vvv, "permit", [owner, spender, value, deadline, Number(v), r, s]);
  assert.equal(await vvv.read.allowance([me, staking.address]), 123n);
});

test("logs are found by event and indexed account, and by filters", async () => {
  const staker = wallet("staker");
  const filter = await staking.createEventFilter.Staked({ recipient: staker.account.address });
  const blocks = await reader.createBlockFilter();
  for (const [from, amount] of [[staker, 5n], [newcomer, 7n], [staker, 9n]]) await stake(from, amount);

  const all = await staking.getEvents.Staked({}, { fromBlock: 0n, toBlock: "latest" });
  assert.deepEqual(all.map((log) => log.args.amount), [5n, 7n, 9n]);
  const mine = await staking.getEvents.Staked({ recipient: me }, { fromBlock: 0n });
  assert.deepEqual(mine.map((log) => [log.args.amount, log.blockNumber]), [[7n, 4n]]);
  const found = await reader.getFilterChanges({ filter });
  assert.deepEqual(found.map((log) => log.args.amount), [5n, 9n]);
  assert.deepEqual(await reader.getFilterChanges({ filter }), []);
  const hashes = await reader.getFilterChanges({ filter: blocks });
  assert.deepEqual(hashes[5], (await reader.getBlock({ blockNumber: 6n })).hash);
  assert.equal(await reader.uninstallFilter({ filter }), true);

  const receipt = await reader.getTransactionReceipt({ hash: mine[0].transactionHash });
  const [event] = parseEventLogs({ abi: staking.abi, eventName: "Staked", logs: receipt.logs });
  assert.deepEqual(event.args, { recipient: me, amount: 7n });
});

test("blocks, old states, code and proofs are read", async () => {
  const genesis = await reader.getBlock({ blockNumber: 0n });
  assert.equal(genesis.timestamp, 1_789_849_413n);
  await stake(newcomer, 11n);
  const balances = [0n, 1n, 2n].map((blockNumber) => vvv.read.balanceOf([me], { blockNumber }));
  assert.deepEqual((await Promise.all(balances)).map((held) => parseEther("25000") - held), [0n, 0n, 11n]);

  const code = await reader.getCode({ address: vvv.address });
  const proof = await reader.getProof({ address: vvv.address, storageKeys: [`0x${"2".padStart(64, "0")}`] });
  assert.equal(proof.codeHash, keccak256(code));
  assert.equal(proof.storageProof[0].value, await vvv.read.totalSupply());
  assert.equal(keccak256(proof.accountProof[0]), (await reader.getBlock()).stateRoot);
  assert.equal(keccak256(proof.storageProof[0].proof[0]), proof.storageHash);
});

test("what a wallet asks before it sends", async () => {
  assert.equal(await reader.getChainId(), 8453);
  assert.deepEqual(await reader.estimateFeesPerGas(), { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
  assert.equal(await reader.getGasPrice(), 0n);
  const history = await reader.getFeeHistory({ blockCount: 1, rewardPercentiles: [50] });
  assert.deepEqual(history.baseFeePerGas, [0n, 0n]);
  const gas = await staking.estimateGas.claim({ account: newcomer.account });
  assert.ok(gas > 21_000n);
  const request = await newcomer.prepareTransactionRequest({ to: vvv.address, data: "0x18160ddd" });
  assert.deepEqual([request.nonce, request.type, request.chainId], [0, "eip1559", 8453]);
});

test("viem's own definition of Base fits", async () => {
  const client = createPublicClient({ chain: base, transport: http(httpUrl) });
  const receipt = await stake(newcomer, 3n);
  const block = await client.getBlock({ blockNumber: receipt.blockNumber, includeTransactions: true });
  assert.equal(block.transactions[0].from, me.toLowerCase());
  assert.equal((await client.getTransactionReceipt({ hash: receipt.transactionHash })).status, "success");
});

test("heads and events come over WebSocket", { timeout: 30_000 }, async () => {
  const heads = [];
  const stopHeads = listener.watchBlocks({ onBlock: (block) => heads.push(block), emitOnBegin: false });
  const { abi, address } = vvv;
  const seen = new Promise((resolve, reject) => {
    const stop = listener.watchContractEvent({
      abi,
      address,
      eventName: "Approval",
      args: { owner: me },
      onLogs: (logs) => {
        stop();
        resolve(logs);
      },
      onError: reject,
    });
  });
  // What is subscribed is answered in the order in which it was asked for, so this comes after both.
  assert.equal(await listener.getBlockNumber({ cacheTime: 0 }), 0n);
  await send(wallet("staker"), vvv, "approve", [staking.address, 4n]);
  const { blockHash } = await send(newcomer, vvv, "approve", [staking.address, 5n]);
  const [log] = await seen;
  assert.deepEqual([log.args.amount, log.blockHash], [5n, blockHash]);
  while (heads.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  stopHeads();
  assert.deepEqual(heads.map((head) => head.number), [1n, 2n]);
  assert.equal(heads[1].hash, blockHash);
});

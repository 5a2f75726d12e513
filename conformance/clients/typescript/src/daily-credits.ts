// PROTOCOL 6: the contract DailyCredits, over the storage words of PROTOCOL 9.

import { addressOf, decoded, encoded, parametersOf, selectorOf } from "./abi.js";
import { type Hex, selector, topic, wordOf } from "./bytes.js";
import { type CreditAccount, available, epochAt, recorded, rolled } from "./credits.js";
import { empty, reverted } from "./refusal.js";
import { add } from "./uint256.js";
import { type Words, valueSlot } from "./words.js";

export interface Call {
  readonly sender: bigint;
  readonly to: Hex;
  readonly data: Hex;
  readonly timestamp: bigint;
  readonly value: bigint;
}

export interface Log {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export interface Receipt {
  readonly output: Hex;
  readonly logs: readonly Log[];
}

const DIEM: Hex = "0xf4d97f2da56e8c3098f3a8d538db630a2606a024";
const STAKED_INFOS = 6n;

const SLOTS = { diem: 0n, gateway: 1n, epochDuration: 2n, minimumStake: 3n, accounts: 4n } as const;
const ADDRESS_BITS = 160;

const RECORDED = topic("Recorded(address,uint256,uint256)");
const SPENT = topic("Spent(address,uint256,uint256)");

type Results = readonly bigint[];

/** Carries out one call; the words are written only as far as it came, so those of a refused call are to be dropped. */
export function apply(words: Words, call: Call): Receipt {
  const called = FUNCTIONS.get(selectorOf(call.data));
  if (called === undefined || call.value > 0n) throw empty();
  const [first = 0n, second = 0n] = decoded(called.parameters, call.data);
  const credits = new DailyCredits(words, call);
  return { output: encoded(called.carryOut(credits, first, second)), logs: credits.logs };
}

class DailyCredits {
  readonly logs: Log[] = [];

  constructor(
    private readonly words: Words,
    private readonly call: Call,
  ) {}

  get diem(): bigint {
    return BigInt.asUintN(ADDRESS_BITS, this.read(SLOTS.diem));
  }

  get gateway(): bigint {
    return BigInt.asUintN(ADDRESS_BITS, this.read(SLOTS.gateway));
  }

  get creditAtOnce(): boolean {
    return BigInt.asUintN(8, this.read(SLOTS.gateway) >> BigInt(ADDRESS_BITS)) !== 0n;
  }

  get epochDuration(): bigint {
    return this.read(SLOTS.epochDuration);
  }

  get minimumStake(): bigint {
    return this.read(SLOTS.minimumStake);
  }

  get epoch(): bigint {
    return epochAt(this.call.timestamp, this.epochDuration);
  }

  /** As last touched. */
  account(account: bigint): CreditAccount {
    const slot = valueSlot(SLOTS.accounts, account);
    return {
      epoch: this.read(slot),
      allocation: this.read(slot + 1n),
      staked: this.read(slot + 2n),
      spent: this.read(slot + 3n),
    };
  }

  /** As it is in the present epoch. */
  rolled(account: bigint): CreditAccount {
    return rolled(this.account(account), this.epoch);
  }

  available(account: bigint): bigint {
    return available(this.rolled(account), this.minimumStake);
  }

  record(account: bigint): Results {
    const before = this.rolled(account);
    const after = recorded(before, this.diemStaked(account), this.creditAtOnce);
    this.write(account, after);
    this.log(RECORDED, account, after.epoch, after.staked);
    return [];
  }

  spend(account: bigint, amount: bigint): Results {
    if (this.call.sender !== this.gateway) throw reverted("NOT_GATEWAY");
    if (amount === 0n) throw reverted("SPEND_ZERO");
    const before = this.rolled(account);
    if (amount > available(before, this.minimumStake)) throw reverted("INSUFFICIENT_BALANCE");
    this.write(account, { ...before, spent: add(before.spent, amount) });
    this.log(SPENT, account, before.epoch, amount);
    return [];
  }

  /** DIEM's `stakedInfos(account).amountStaked`. At any other address nothing answers to that name. */
  private diemStaked(account: bigint): bigint {
    if (addressOf(this.diem) !== DIEM) throw empty();
    return this.words.read(DIEM, valueSlot(STAKED_INFOS, account));
  }

  private read(slot: bigint): bigint {
    return this.words.read(this.call.to, slot);
  }

  private write(account: bigint, { epoch, allocation, staked, spent }: CreditAccount): void {
    const slot = valueSlot(SLOTS.accounts, account);
    for (const [i, value] of [epoch, allocation, staked, spent].entries()) {
      this.words.write(this.call.to, slot + BigInt(i), value);
    }
  }

  private log(event: Hex, account: bigint, epoch: bigint, amount: bigint): void {
    this.logs.push({ address: this.call.to, topics: [event, wordOf(account), wordOf(epoch)], data: wordOf(amount) });
  }
}

type CarryOut = (credits: DailyCredits, first: bigint, second: bigint) => Results;

const SIGNATURES: Readonly<Record<string, CarryOut>> = {
  "diem()": (credits) => [credits.diem],
  "gateway()": (credits) => [credits.gateway],
  "creditAtOnce()": (credits) => [credits.creditAtOnce ? 1n : 0n],
  "epochDuration()": (credits) => [credits.epochDuration],
  "minimumStake()": (credits) => [credits.minimumStake],
  "epoch()": (credits) => [credits.epoch],
  "accounts(address)": (credits, account) => {
    const { epoch, allocation, staked, spent } = credits.account(account);
    return [epoch, allocation, staked, spent];
  },
  "allocation(address)": (credits, account) => [credits.rolled(account).allocation],
  "spent(address)": (credits, account) => [credits.rolled(account).spent],
  "available(address)": (credits, account) => [credits.available(account)],
  "record(address)": (credits, account) => credits.record(account),
  "spend(address,uint256)": (credits, account, amount) => credits.spend(account, amount),
};

const FUNCTIONS = new Map(
  Object.entries(SIGNATURES).map(([signature, carryOut]) => [
    selector(signature),
    { parameters: parametersOf(signature), carryOut },
  ]),
);

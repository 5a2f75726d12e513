// PROTOCOL 6: an epoch's credit of one account, as numbers; `daily_credits.ts` is the contract around it.

import { floorDiv, sub } from "./uint256.js";

/** As last touched: the credit of `epoch`, what is spent of it, and the DIEM stake that gives the next one. */
export interface CreditAccount {
  readonly epoch: bigint;
  readonly allocation: bigint;
  readonly staked: bigint;
  readonly spent: bigint;
}

export function epochAt(now: bigint, epochDuration: bigint): bigint {
  return floorDiv(now, epochDuration);
}

/** The account as it is in an epoch: what was left of another does not roll over. */
export function rolled(account: CreditAccount, epoch: bigint): CreditAccount {
  return account.epoch === epoch ? account : { epoch, allocation: account.staked, staked: account.staked, spent: 0n };
}

/** What a rolled account may still spend. */
export function available({ allocation, spent }: CreditAccount, minimumStake: bigint): bigint {
  return allocation < minimumStake ? 0n : sub(allocation, spent);
}

/** The account with a new stake; credit at once raises today's allocation to it, and never lowers it. */
export function recorded(account: CreditAccount, staked: bigint, creditAtOnce: boolean): CreditAccount {
  const raises = creditAtOnce && staked > account.allocation;
  return { ...account, staked, allocation: raises ? staked : account.allocation };
}

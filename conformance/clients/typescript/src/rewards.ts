// PROTOCOL 3.1 and 7: how much VVV is emitted, and who earns it.

import { ONE, add, floorDiv, mul, mulDiv, sub } from "./uint256.js";

/** What the accumulators are scaled by. */
const ACC_REWARD_SCALE = 10n ** 36n;
const SECONDS_PER_YEAR = 31_536_000n;

/** Both: VVV per sVVV since the beginning, scaled by ACC_REWARD_SCALE. */
export interface Accumulators {
  readonly acc_reward_per_share: bigint;
  readonly acc_reward_per_share_locked: bigint;
}

export interface Emissions extends Accumulators {
  readonly last_reward_timestamp: bigint;
  readonly emission_rate_per_second: bigint;
  readonly venice_emissions_percentage: bigint;
  readonly venice_emissions_percentage_when_locked: bigint;
  readonly total_svvv: bigint;
  readonly total_locked_staked_vvv: bigint;
}

export interface Settlement extends Accumulators {
  readonly last_reward_timestamp: bigint;
  readonly to_treasury: bigint;
  readonly to_stakers: bigint;
}

/** What one kind of stake gets: the rise of its accumulator, and the VVV to mint for it. */
interface Share {
  readonly rise: bigint;
  readonly paid: bigint;
}

export interface Position {
  readonly svvv_balance: bigint;
  readonly svvv_locked: bigint;
  readonly reward_debt: bigint;
}

/** VVV base units a second, of VVV base units a year. */
export function emissionRatePerSecond(annual: bigint): bigint {
  return floorDiv(annual, SECONDS_PER_YEAR);
}

export function settle(before: Emissions, now: bigint): Settlement {
  const last = before.last_reward_timestamp;
  if (now <= last) return { ...accumulatorsOf(before), last_reward_timestamp: last, to_treasury: 0n, to_stakers: 0n };

  const { total_svvv: total, total_locked_staked_vvv: locked } = before;
  const unlocked = sub(total, locked);
  const emitted = mul(sub(now, last), before.emission_rate_per_second);
  const share = mulDiv(emitted, before.venice_emissions_percentage, ONE);
  const raw = sub(emitted, share);
  const forLocked = mulDiv(raw, locked, total);
  const forUnlocked = sub(raw, forLocked);

  const fee = mulDiv(forLocked, before.venice_emissions_percentage_when_locked, ONE);
  const unlockedShare = spread(forUnlocked, unlocked);
  const lockedShare = spread(sub(forLocked, fee), locked);
  return {
    acc_reward_per_share: add(before.acc_reward_per_share, unlockedShare.rise),
    acc_reward_per_share_locked: add(before.acc_reward_per_share_locked, lockedShare.rise),
    last_reward_timestamp: now,
    to_treasury: add(share, fee),
    to_stakers: add(unlockedShare.paid, lockedShare.paid),
  };
}

/** Only what the rounded accumulator will pay out is minted: dust is not. */
function spread(amount: bigint, stake: bigint): Share {
  if (amount === 0n || stake === 0n) return { rise: 0n, paid: 0n };
  const rise = mulDiv(amount, ACC_REWARD_SCALE, stake);
  return { rise, paid: mulDiv(rise, stake, ACC_REWARD_SCALE) };
}

/** What an account is owed, by accumulators that are up to date. */
export function pendingRewards(position: Position, accumulators: Accumulators): bigint {
  const unlocked = sub(position.svvv_balance, position.svvv_locked);
  return sub(debt(unlocked, position.svvv_locked, accumulators), position.reward_debt);
}

function debt(unlocked: bigint, locked: bigint, accumulators: Accumulators): bigint {
  return add(
    mulDiv(unlocked, accumulators.acc_reward_per_share, ACC_REWARD_SCALE),
    mulDiv(locked, accumulators.acc_reward_per_share_locked, ACC_REWARD_SCALE),
  );
}

function accumulatorsOf({ acc_reward_per_share, acc_reward_per_share_locked }: Accumulators): Accumulators {
  return { acc_reward_per_share, acc_reward_per_share_locked };
}

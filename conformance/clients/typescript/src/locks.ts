// PROTOCOL 3.2, `burnDiem`: the sVVV that burning DIEM unlocks, at the account's own average.

import { reverted } from "./refusal.js";
import { mulDiv, sub } from "./uint256.js";

export interface Lock {
  readonly svvv_locked: bigint;
  readonly diem_outstanding: bigint;
}

export interface Unlock extends Lock {
  readonly svvv_unlocked: bigint;
}

export function unlock(lock: Lock, diemBalance: bigint, diemAmount: bigint): Unlock {
  if (diemAmount === 0n) throw reverted("BURN_ZERO");
  if (diemBalance < diemAmount) throw reverted("INSUFFICIENT_BALANCE");
  if (lock.diem_outstanding === 0n) throw reverted("INSUFFICIENT_OUTSTANDING_DIEM");
  const unlocked = mulDiv(diemAmount, lock.svvv_locked, lock.diem_outstanding);
  if (unlocked > lock.svvv_locked) throw reverted("INSUFFICIENT_LOCKED_BALANCE");
  if (diemAmount > lock.diem_outstanding) throw reverted("INSUFFICIENT_OUTSTANDING_DIEM");
  return {
    svvv_unlocked: unlocked,
    svvv_locked: sub(lock.svvv_locked, unlocked),
    diem_outstanding: sub(lock.diem_outstanding, diemAmount),
  };
}

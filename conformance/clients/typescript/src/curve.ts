// PROTOCOL 5: the table of the mint curve, and what a lock of sVVV mints by it.

import { cubed, exp } from "./doubles.js";
import { reverted } from "./refusal.js";
import { ONE, add, ceilDiv, mul, mulDiv, sub } from "./uint256.js";

/** Step i goes up to supply[i] DIEM at rates[i] sVVV per DIEM. */
export interface MintCurve {
  readonly supply: readonly bigint[];
  readonly rates: readonly bigint[];
}

export interface CurveParameters {
  readonly base_mint_rate: bigint;
  readonly adjustment_power: bigint;
  /** Whole DIEM, as is the width of a step. */
  readonly target: bigint;
  readonly steps: bigint;
  readonly step_width: bigint;
}

export function curveTable(parameters: CurveParameters): MintCurve {
  const bounds = Array.from({ length: Number(parameters.steps) }, (_, i) => BigInt(i + 1) * parameters.step_width);
  return {
    supply: bounds.map((bound) => bound * ONE),
    rates: bounds.map((bound) => rateAt(bound, parameters)),
  };
}

/** int(90 * exp(2 * (b / Target)**3) * 10**18), from left to right. */
function rateAt(bound: bigint, { base_mint_rate, adjustment_power, target }: CurveParameters): bigint {
  const filled = cubed(Number(bound) / Number(target));
  const rate = Number(base_mint_rate) * exp(Number(adjustment_power) * filled);
  return BigInt(Math.trunc(rate * Number(ONE)));
}

/** The DIEM that x sVVV mints where `minted` DIEM exist. */
export function quote({ supply, rates }: MintCurve, minted: bigint, x: bigint): bigint {
  let remaining = x;
  let from = minted;
  let out = 0n;
  if (remaining === 0n) return out;
  for (const [i, bound] of supply.entries()) {
    // Lists end where only zeros would follow, and a rate of zero is no step.
    const rate = rates[i] ?? 0n;
    if (bound <= from || rate === 0n) continue;
    const room = sub(bound, from);
    const cost = ceilDiv(mul(rate, room), ONE);
    if (cost >= remaining) return add(out, mulDiv(remaining, ONE, rate));
    out = add(out, room);
    from = add(from, room);
    remaining = sub(remaining, cost);
  }
  throw reverted("INSUFFICIENT_SUPPLY");
}

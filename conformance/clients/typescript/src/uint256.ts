// Arithmetic of uint256 as the protocol has it: checked, and no division without a named rounding.

import { panic } from "./refusal.js";

const LARGEST = 2n ** 256n - 1n;

/** What percentages, rates and amounts of 18 decimals are scaled by. */
export const ONE = 10n ** 18n;

const ARITHMETIC = 0x11;
const DIVISION_BY_ZERO = 0x12;

export function add(a: bigint, b: bigint): bigint {
  return checked(a + b);
}

export function sub(a: bigint, b: bigint): bigint {
  return checked(a - b);
}

export function mul(a: bigint, b: bigint): bigint {
  return checked(a * b);
}

/** floor(a / b), the rule wherever nothing else is said. */
export function floorDiv(a: bigint, b: bigint): bigint {
  if (b === 0n) throw panic(DIVISION_BY_ZERO);
  return a / b;
}

export function ceilDiv(a: bigint, b: bigint): bigint {
  const quotient = floorDiv(a, b);
  return a % b === 0n ? quotient : quotient + 1n;
}

/** floor(a · b / c); the product has to fit by itself. */
export function mulDiv(a: bigint, b: bigint, c: bigint): bigint {
  return floorDiv(mul(a, b), c);
}

function checked(value: bigint): bigint {
  if (value < 0n || value > LARGEST) throw panic(ARITHMETIC);
  return value;
}

// Why a call is refused, and the revert data that say so.

import { utf8ToBytes } from "@noble/hashes/utils";
import { type Hex, concat, hexOf, rightPadded, selector, wordOf } from "./bytes.js";

/** What undoes a call: thrown where a check fails, caught where the answer is made. */
export class Refusal extends Error {
  constructor(
    readonly reason: string,
    readonly output: Hex,
  ) {
    super(reason);
  }
}

/** A `require` with a string: Error(string). */
export function reverted(reason: string): Refusal {
  const text = utf8ToBytes(reason);
  const length = wordOf(BigInt(text.length));
  return new Refusal(reason, concat(selector("Error(string)"), wordOf(32n), length, rightPadded(hexOf(text))));
}

export function panic(code: number): Refusal {
  return new Refusal(`Panic(0x${code.toString(16)})`, concat(selector("Panic(uint256)"), wordOf(BigInt(code))));
}

/** What the decoder refuses: calldata that no function takes. */
export function empty(): Refusal {
  return new Refusal("empty revert data", "0x");
}

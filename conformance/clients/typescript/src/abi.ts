// Calldata and return data of functions whose parameters and results are all one word long.

import { type Hex, WORD, concat, digits, wordOf } from "./bytes.js";
import { empty } from "./refusal.js";

/** How many values a type has; larger words are refused. */
const VALUES: ReadonlyMap<string, bigint> = new Map([
  ["address", 2n ** 160n],
  ["uint256", 2n ** 256n],
]);
const SELECTOR = 8;

export function parametersOf(signature: string): readonly string[] {
  return signature.slice(signature.indexOf("(") + 1, -1).split(",").filter(Boolean);
}

export function selectorOf(data: Hex): Hex {
  return `0x${digits(data).slice(0, SELECTOR)}`;
}

/** The arguments, as solc 0.8 decodes them; bytes after them are ignored. */
export function decoded(types: readonly string[], data: Hex): readonly bigint[] {
  const words = digits(data).slice(SELECTOR);
  return types.map((type, i) => {
    const word = words.slice(i * WORD, (i + 1) * WORD);
    if (word.length < WORD) throw empty();
    const value = BigInt(`0x${word}`);
    if (value >= (VALUES.get(type) ?? 0n)) throw empty();
    return value;
  });
}

export function encoded(values: readonly bigint[]): Hex {
  return concat("0x", ...values.map(wordOf));
}

export function addressOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(40, "0")}`;
}

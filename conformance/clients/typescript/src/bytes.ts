// Bytes as hexadecimal strings, and the hashes of them that Solidity and the ABI use.

import { keccak_256 } from "@noble/hashes/sha3";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils";

export type Hex = `0x${string}`;

/** Digits of a 32-byte word. */
export const WORD = 64;

export function hexOf(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** The digits, without the prefix. */
export function digits(hex: Hex): string {
  return hex.slice(2);
}

export function concat(...parts: readonly Hex[]): Hex {
  return `0x${parts.map(digits).join("")}`;
}

export function wordOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(WORD, "0")}`;
}

export function rightPadded(hex: Hex): Hex {
  const length = Math.ceil(digits(hex).length / WORD) * WORD;
  return `0x${digits(hex).padEnd(length, "0")}`;
}

export function keccak(hex: Hex): Hex {
  return hexOf(keccak_256(hexToBytes(digits(hex))));
}

/** The first topic of an event, of which a function's selector is the first four bytes. */
export function topic(signature: string): Hex {
  return hexOf(keccak_256(signature));
}

export function selector(signature: string): Hex {
  return `0x${digits(topic(signature)).slice(0, 8)}`;
}

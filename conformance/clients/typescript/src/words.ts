// Storage as contracts have it, words of 32 bytes under slots, and PROTOCOL 9's rule where a mapping's values are.

import { type Hex, concat, keccak, wordOf } from "./bytes.js";
import type { Fields } from "./fields.js";

/** Contract |-> slot |-> word. */
export type WordsByContract = Readonly<Record<Hex, Readonly<Record<Hex, Hex>>>>;

export class Words {
  private readonly before = new Map<string, bigint>();
  private readonly written = new Map<Hex, Map<Hex, bigint>>();

  constructor(state: Fields) {
    for (const contract of state.names()) {
      const words = state.fields(contract);
      for (const slot of words.names()) this.before.set(placeOf(contract, slot), BigInt(words.hex(slot)));
    }
  }

  /** A word that was never written is zero. */
  read(contract: Hex, slot: bigint): bigint {
    const written = this.written.get(contract)?.get(wordOf(slot));
    return written ?? this.before.get(placeOf(contract, wordOf(slot))) ?? 0n;
  }

  write(contract: Hex, slot: bigint, value: bigint): void {
    const words = this.written.get(contract) ?? new Map<Hex, bigint>();
    this.written.set(contract, words.set(wordOf(slot), value));
  }

  /** All that was written, be it what stood there before or not. */
  changes(): WordsByContract {
    const contracts = [...this.written].map(([contract, words]) => {
      const slots = [...words].map(([slot, value]) => [slot, wordOf(value)] as const);
      return [contract, Object.fromEntries(slots)] as const;
    });
    return Object.fromEntries(contracts);
  }
}

/** Where the mapping at `slot` keeps the value of a key. */
export function valueSlot(slot: bigint, key: bigint): bigint {
  return BigInt(keccak(concat(wordOf(key), wordOf(slot))));
}

function placeOf(contract: string, slot: string): string {
  return `${contract} ${slot}`.toLowerCase();
}

// What arrives as JSON, read field by field: nothing is taken for what it is not.

import type { Hex } from "./bytes.js";

const INTEGER = /^(0|[1-9][0-9]{0,77})$/;
const HEX = /^0x([0-9a-fA-F]{2})*$/;

/** A field is missing, or is not what it should be. */
export class Malformed extends Error {}

export class Fields {
  private readonly values: ReadonlyMap<string, unknown>;

  constructor(
    value: unknown,
    private readonly place: string,
  ) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw expected("an object", place, value);
    this.values = new Map(Object.entries(value));
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  names(): readonly string[] {
    return [...this.values.keys()];
  }

  fields(name: string): Fields {
    return new Fields(this.values.get(name), this.placeOf(name));
  }

  text(name: string): string {
    const value = this.values.get(name);
    if (typeof value !== "string") throw expected("a string", this.placeOf(name), value);
    return value;
  }

  integer(name: string): bigint {
    return integer(this.values.get(name), this.placeOf(name));
  }

  integers(name: string): readonly bigint[] {
    const value: unknown = this.values.get(name);
    if (!Array.isArray(value)) throw expected("a list", this.placeOf(name), value);
    return value.map((item: unknown, i) => integer(item, `${this.placeOf(name)}[${i}]`));
  }

  /** Bytes in lower case, in which they can be compared. */
  hex(name: string): Hex {
    const value = this.text(name);
    if (!HEX.test(value)) throw expected("bytes in hexadecimal", this.placeOf(name), value);
    return `0x${value.slice(2).toLowerCase()}`;
  }

  private placeOf(name: string): string {
    return `${this.place}.${name}`;
  }
}

function integer(value: unknown, place: string): bigint {
  if (typeof value !== "string" || !INTEGER.test(value)) throw expected("an integer as a decimal string", place, value);
  return BigInt(value);
}

function expected(what: string, place: string, found: unknown): Malformed {
  return new Malformed(`${place}: expected ${what}, found ${JSON.stringify(found) ?? "nothing"}`);
}

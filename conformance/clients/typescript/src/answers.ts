// From a request to the answer, for each format that this client knows.

import type { Hex } from "./bytes.js";
import { COMPONENTS, type Values } from "./components.js";
import { type Call, type Log, apply } from "./daily-credits.js";
import type { Fields } from "./fields.js";
import { Refusal } from "./refusal.js";
import { Words, type WordsByContract } from "./words.js";

export interface Accepted {
  readonly status: true;
  readonly values?: Values;
  readonly output?: Hex;
  readonly logs?: readonly Log[];
  readonly words?: WordsByContract;
}

export interface Refused {
  readonly status: false;
  readonly output: Hex;
  readonly reason: string;
  readonly words: WordsByContract;
}

export type Answer = Accepted | Refused;

/** The beginnings of the names of the vectors that have an answer here. */
export const IMPLEMENTED = [...Object.keys(COMPONENTS).map((name) => `component/${name}/`), "call/credits/"];

/** The answer, or undefined where the request is for what this client does not implement. */
export function answerTo(format: string, request: Fields): Answer | undefined {
  if (format === "component") return componentAnswer(request);
  if (format === "call") return callAnswer(request);
  return undefined;
}

function componentAnswer(request: Fields): Answer | undefined {
  const component = COMPONENTS[request.text("component")];
  if (component === undefined) return undefined;
  return unlessRefused(() => ({ status: true, values: component(request.fields("input")) }));
}

function callAnswer(request: Fields): Answer | undefined {
  const given = request.fields("call");
  if (given.text("contract") !== "credits") return undefined;
  const words = new Words(request.fields("state").fields("words"));
  const call: Call = {
    sender: BigInt(given.hex("sender")),
    to: given.hex("to"),
    data: given.hex("data"),
    timestamp: given.integer("timestamp"),
    value: given.integer("value"),
  };
  return unlessRefused(() => ({ status: true, ...apply(words, call), words: words.changes() }));
}

function unlessRefused(accepted: () => Accepted): Answer {
  try {
    return accepted();
  } catch (error) {
    if (error instanceof Refusal) return { status: false, output: error.output, reason: error.reason, words: {} };
    throw error;
  }
}

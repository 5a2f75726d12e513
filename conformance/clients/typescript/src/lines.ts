// docs/vectors/PROTOCOL.md: one JSON object a line, one answer a request.

import { IMPLEMENTED, answerTo } from "./answers.js";
import { Fields } from "./fields.js";

const HELLO = {
  protocol: "1",
  name: "second client (TypeScript) 1.0.0",
  implements: IMPLEMENTED,
  answers: ["values", "output", "reason", "logs", "words"],
};

/** The line that answers a line, neither with its end. */
export function reply(line: string): string {
  const message = new Fields(JSON.parse(line), "line");
  return written(message.has("hello") ? { hello: HELLO } : answered(message));
}

function answered(message: Fields): object {
  const id = message.text("id");
  try {
    const answer = answerTo(message.text("format"), message.fields("request"));
    return answer === undefined ? { id, skip: "not implemented" } : { id, answer };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Integers are decimal strings. */
function written(value: object): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : item));
}

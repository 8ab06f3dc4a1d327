import type { Readable } from "node:stream";

/** Of an answer's body, in bytes. */
const LARGEST_ANSWER = 1_000_000;

/** The body as JSON, or as text where it is none. Throws where it breaks off, or is too large. */
export async function readBody(body: Readable): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > LARGEST_ANSWER) throw Object.assign(new Error("too large"), { code: "TOO_LARGE" });
    chunks.push(piece);
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads what nobody needs, so that the connection can be used again, unless it would take too much. */
export function drain(body: Readable, ended: () => void): void {
  let bytes = 0;
  body.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > LARGEST_ANSWER) body.destroy();
  });
  body.on("error", () => {});
  body.once("close", ended);
}

import type { z } from "zod";
import { Malformed } from "../errors.ts";

/** Parses the bytes as JSON. Throws Malformed. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new Malformed("The body is not JSON.");
  }
}

/** Checks that the value has the shape. Throws Malformed with what the body needs, never with what it contains. */
export function readShape<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  needs: string,
): z.infer<Shape> {
  const read = shape.safeParse(value);
  if (!read.success) throw new Malformed(`The body is not a webhook of this platform: it needs ${needs}.`);
  return read.data;
}

import type { Request } from "express";

/** One request as the work behind an endpoint sees it: plain values, nothing of express. */
export type Incoming = {
  /** Absolute, on the origin the caller used. */
  url: URL;
  params: Record<string, string>;
  token: string | undefined;
  /** The media type without its parameters, in lower case. */
  mediaType: string | undefined;
  text: string;
};

/** Reads a request whose body was collected by `express.raw`. */
export function readIncoming(req: Request): Incoming {
  const body: unknown = req.body;
  const bearer = /^Bearer (\S+)$/i.exec(req.get("authorization") ?? "");
  const params = Object.entries(req.params).map(([name, value]) => [name, [value].flat().join("/")]);
  return {
    url: new URL(req.originalUrl, `http://${req.get("host") ?? "127.0.0.1"}`),
    params: Object.fromEntries(params),
    token: bearer?.[1],
    mediaType: req.get("content-type")?.split(";")[0]?.trim().toLowerCase(),
    text: Buffer.isBuffer(body) ? body.toString("utf8") : "",
  };
}

/** The body as a value: what the JSON or the form says; undefined when it is neither. */
export function readBody({ mediaType, text }: Incoming): unknown {
  const isForm = mediaType === "application/x-www-form-urlencoded";
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : readJson(text);
}

/** The JSON value in the body, or undefined when it is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

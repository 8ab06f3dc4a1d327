import type { z } from "zod";
import { PlatformError } from "../errors.ts";

/** With these the call has never reached the platform. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** The library's own error is not kept as the cause: it holds the request with its token. */
export function noAnswer(platform: string, name: string, cause: unknown): PlatformError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no code";
  const message = `${platform} did not answer ${name} (${code}).`;
  return new PlatformError(message, { retryable: true, wasNotDone: NOT_SENT.has(code) });
}

/** What a platform sends is put into messages only where it can be no more than a name. */
export function plainWord(value: unknown): string | null {
  return typeof value === "string" && /^[\w.-]{1,100}$/.test(value) ? value : null;
}

export function misshapen(
  platform: string,
  name: string,
  status: number,
  { issues }: z.ZodError,
): PlatformError {
  const where = issues.map((issue) => issue.path.join(".") || "the whole body").join(", ");
  return new PlatformError(
    `${platform} answered ${name} with ${status}, but not in the known form (${where}).`,
    {
      status,
      retryable: true,
    },
  );
}

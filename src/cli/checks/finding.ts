import { PlatformError } from "../../errors.ts";
import type { CallGate, CallReport } from "../../http.ts";

/** What every call of a check goes through, and is told to. */
export type Calls = { gate: CallGate; observe: (call: CallReport) => void };

/** What one check of the doctor has found. */
export type Finding = {
  check: string;
  state: "ok" | "warning" | "problem";
  says: string;
  /** The command or page that mends it; null where nothing is to be done. */
  todo: string | null;
};

export function ok(check: string, says: string): Finding {
  return { check, state: "ok", says, todo: null };
}

export function warning(check: string, says: string, todo: string): Finding {
  return { check, state: "warning", says, todo };
}

export function problem(check: string, says: string, todo: string): Finding {
  return { check, state: "problem", says, todo };
}

/** The platform has asked for a pause, so that it was not asked. */
export function isHeld(error: unknown): error is PlatformError {
  return error instanceof PlatformError && error.type === "held";
}

export function waits(check: string, error: PlatformError): Finding {
  return warning(check, `could not be checked: ${error.message}`, "wait until then, and try again");
}

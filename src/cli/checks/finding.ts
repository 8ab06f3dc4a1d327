import type { Config } from "../../config/config.ts";
import { isOutage, PlatformError, sentenceOf } from "../../errors.ts";
import type { CallGate, CallReport } from "../../http/http.ts";

/** What every call of a check goes through, and is told to. */
export type Calls = { gate: CallGate; observe: (call: CallReport) => void };

/** What the doctor lends to the checks of a platform. */
export type Examination = {
  readonly config: Config;
  /** Whether what leads to an earlier address is to be pointed here. */
  readonly fix: boolean;
  readonly calls: Calls;
};

/** What one check of the doctor has found. */
export type Finding = {
  check: string;
  /** fixed: by this very command. */
  state: "ok" | "fixed" | "warning" | "problem";
  says: string;
  /** The command or page that fixes it; null where nothing is to be done. */
  todo: string | null;
};

export function ok(check: string, says: string): Finding {
  return { check, state: "ok", says, todo: null };
}

export function fixed(check: string, says: string): Finding {
  return { check, state: "fixed", says, todo: null };
}

export function warning(check: string, says: string, todo: string): Finding {
  return { check, state: "warning", says, todo };
}

export function problem(check: string, says: string, todo: string): Finding {
  return { check, state: "problem", says, todo };
}

/**
 * What a call that failed means for a check of the platform. What passes by itself asks for patience, and for nothing else;
 * `todo` is for what was refused. `setting`: where the platform is looked for.
 */
export function failed(
  check: string,
  error: unknown,
  { title, setting, todo }: { title: string; setting: string; todo: string },
): Finding {
  const says = `could not be checked: ${sentenceOf(error)}`;
  if (isHeld(error)) return warning(check, says, "wait until then, and try again");
  if (isOutage(error)) return warning(check, says, waitFor(title, error.status === null ? setting : null));
  if (error instanceof PlatformError && error.retryable)
    return problem(check, says, `see that ${setting} is right, then try again`);
  return problem(check, sentenceOf(error), todo);
}

/** What to do while a platform does not work. `setting`: its address, where it may also be that one that is wrong. */
export function waitFor(title: string, setting: string | null): string {
  const wait = `${title} is down, wait and try again`;
  return setting === null ? wait : `${wait}; if that lasts, see that this machine reaches ${setting}`;
}

/** The platform has asked for a pause, so that it was not asked. */
function isHeld(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "held";
}

import type { Config } from "../../config/config.ts";
import { isOutage, PlatformError, sentenceOf } from "../../errors.ts";
import type { CallGate, CallReport } from "../../http/http.ts";

/** The gate that every call of a check passes, and the observer of the calls. */
export type Calls = { gate: CallGate; observe: (call: CallReport) => void };

/** What the doctor gives to the checks of a platform. */
export type Examination = {
  readonly config: Config;
  /** Whether to correct webhooks that point to an earlier address. */
  readonly fix: boolean;
  readonly calls: Calls;
};

/** The result of one check of the doctor. */
export type Finding = {
  check: string;
  /** "fixed": by this command. */
  state: "ok" | "fixed" | "warning" | "problem";
  says: string;
  /** The command or page that fixes it; null: nothing to do. */
  todo: string | null;
  /** Whether something leads, or has led, to another address: that of this server may have changed. */
  isElsewhere?: boolean;
};

/** What puts right whatever follows from a changed address. */
export const FIX = "npm run doctor -- --fix";

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

/** The same finding, which shows that something leads, or has led, to another address. */
export function elsewhere(finding: Finding): Finding {
  return { ...finding, isElsewhere: true };
}

/** The sentence without what `check` says already: "organization 7" before "Organization 7 needs a reinstall". */
export function withoutSubject(sentence: string, check: string): string {
  const isDoubled = sentence.toLowerCase().startsWith(`${check.toLowerCase()} `);
  return isDoubled ? sentence.slice(check.length + 1) : sentence;
}

/**
 * What a failed call means for a check of the platform. A temporary failure is a warning to wait; `todo` is the advice after a
 * refusal. `setting` names the setting with the platform's address.
 */
export function failed(
  check: string,
  error: unknown,
  { title, setting, todo }: { title: string; setting: string; todo: string },
): Finding {
  const says = `could not be checked: ${sentenceOf(error)}`;
  if (isHeld(error)) return warning(check, says, "wait until then and try again");
  if (isOutage(error)) return warning(check, says, waitFor(title, error.status === null ? setting : null));
  if (error instanceof PlatformError && error.retryable)
    return problem(check, says, `check ${setting}, then try again`);
  return problem(check, withoutSubject(sentenceOf(error), check), todo);
}

/** Advice while a platform is down. `setting`: the setting with its address if that may be wrong instead; otherwise null. */
export function waitFor(title: string, setting: string | null): string {
  const wait = `${title} is down: wait and try again`;
  return setting === null ? wait : `${wait}; if it lasts, check that this machine can reach ${setting}`;
}

/** The platform has asked for a pause, so no call was made. */
function isHeld(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "held";
}

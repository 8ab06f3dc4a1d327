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

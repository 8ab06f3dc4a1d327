import type { Installation } from "./store.ts";

/**
 * needs_reinstall: the platform no longer renews its tokens, or its bot is gone. unreadable: its credentials were encrypted
 * with another secret.
 */
export type InstallationState = "ok" | "needs_reinstall" | "unreadable";

export type InstallationCounts = Readonly<Record<InstallationState, number>>;

export const NO_INSTALLATIONS: InstallationCounts = { ok: 0, needs_reinstall: 0, unreadable: 0 };

export function installationState({ needsReinstall, credentials }: Installation): InstallationState {
  if (needsReinstall) return "needs_reinstall";
  return credentials === null ? "unreadable" : "ok";
}

/** Numbers by their value. (Intl.Collator would take 12 ms of every start.) */
export function inOrderOfAccounts({ account: a }: Installation, { account: b }: Installation): number {
  const areNumbers = /^\d+$/.test(a) && /^\d+$/.test(b);
  if (areNumbers && a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}

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

import type { Installation } from "./store.ts";

/**
 * From the best to the one that only an operator can end. needs_reinstall: the platform renews its tokens no more, or its bot
 * agent is gone; unreadable: its tokens were encrypted with another client secret.
 */
export type InstallationState = "ok" | "needs_reinstall" | "unreadable";

export function installationState({ needsReinstall, credentials }: Installation): InstallationState {
  if (needsReinstall) return "needs_reinstall";
  return credentials === null ? "unreadable" : "ok";
}

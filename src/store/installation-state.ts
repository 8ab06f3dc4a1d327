import type { Installation } from "./store.ts";

/** Every state, from the best to the one that only an operator can end. */
export const INSTALLATION_STATES = ["ok", "needs_reinstall", "unreadable"] as const;

/** needs_reinstall: the platform renews its tokens no more; unreadable: they were encrypted with another client secret. */
export type InstallationState = (typeof INSTALLATION_STATES)[number];

export function installationState({ needsReinstall, credentials }: Installation): InstallationState {
  if (needsReinstall) return "needs_reinstall";
  return credentials === null ? "unreadable" : "ok";
}

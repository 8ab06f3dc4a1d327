import type { PlatformName } from "../job.ts";

const TITLES: Readonly<Record<PlatformName, string>> = { chatio: "chat.io", webex: "Webex" };

/** The platforms there are. */
export const PLATFORM_NAMES = ["chatio", "webex"] as const satisfies readonly PlatformName[];

/** What people call the platform. */
export function platformTitle(name: PlatformName): string {
  return TITLES[name] ?? name;
}

/** The platform whose quota it is; null: of none that is known. */
export function platformOf(quota: string): PlatformName | null {
  return PLATFORM_NAMES.find((name) => quota === name || quota.startsWith(`${name}:`)) ?? null;
}

/** Whose quota it is, as operators know it: "license 1520 of chat.io", or the platform where it has but one quota. */
export function quotaTitle(platform: PlatformName, quota: string): string {
  const tenant = quota.slice(platform.length + 1);
  return tenant === "" ? platformTitle(platform) : `license ${tenant} of ${platformTitle(platform)}`;
}

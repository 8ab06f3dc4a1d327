import type { PlatformName } from "../job.ts";

/** What people call the platforms. */
export const PLATFORM_TITLES = { chatio: "chat.io", webex: "Webex" } as const satisfies Record<
  PlatformName,
  string
>;

/** The platforms there are. */
export const PLATFORM_NAMES = ["chatio", "webex"] as const satisfies readonly PlatformName[];

/** The platform whose quota it is; null: of none that is known. */
export function platformOf(quota: string): PlatformName | null {
  return PLATFORM_NAMES.find((name) => quota === name || quota.startsWith(`${name}:`)) ?? null;
}

/** Whose quota it is, as operators know it: "license 1520 of chat.io", or the platform where it has but one quota. */
export function quotaTitle(platform: PlatformName, quota: string): string {
  const tenant = quota.slice(platform.length + 1);
  return tenant === "" ? PLATFORM_TITLES[platform] : `license ${tenant} of ${PLATFORM_TITLES[platform]}`;
}

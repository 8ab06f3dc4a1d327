import type { PlatformName } from "../job.ts";
import type { PlatformDescription } from "../platforms/platform.ts";

/** What people call platforms and quotas. */
export type Titles = {
  /** "chat.io"; for an unknown platform, its name. */
  platform(name: PlatformName): string;
  /** "license 1520 of chat.io", or just the platform's title if it has only one quota. */
  quota(quota: string): string;
  /** The same at the beginning of a sentence: "License 1520 of chat.io". */
  subject(quota: string): string;
  /** The platform that the quota belongs to; null: unknown. */
  platformOf(quota: string): PlatformName | null;
  /** Counts tenants, one for each platform given, as each platform calls them: "78 more licenses". */
  more(platforms: readonly PlatformName[]): string;
};

/** A quota's name is its platform, or its platform and tenant: "webex", "chatio:1520". */
export function createTitles(descriptions: readonly PlatformDescription[]): Titles {
  const byName = new Map(descriptions.map((description) => [description.name, description]));

  function split(quota: string): { platform: PlatformDescription | null; tenant: string } {
    const [name = "", ...rest] = quota.split(":");
    return { platform: byName.get(name) ?? null, tenant: rest.join(":") };
  }

  function titleOf(quota: string, inCase: (noun: string) => string): string {
    const { platform, tenant } = split(quota);
    if (platform === null) return quota;
    if (tenant === "") return platform.title;
    return `${inCase(nounOf(platform))} ${tenant} of ${platform.title}`;
  }

  return {
    platform: (name) => byName.get(name)?.title ?? name,
    quota: (quota) => titleOf(quota, (noun) => noun),
    subject: (quota) => titleOf(quota, capitalized),
    platformOf: (quota) => split(quota).platform?.name ?? null,
    more(platforms) {
      const nouns = new Set(platforms.map((name) => nounOf(byName.get(name))));
      const counted = [...nouns].map((noun) => (platforms.length === 1 ? noun : `${noun}s`));
      return `${platforms.length} more ${counted.join(" and ")}`;
    },
  };
}

function nounOf(description: PlatformDescription | undefined): string {
  return description?.install?.tenant ?? "account";
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

import type { PlatformName } from "../job.ts";
import { capitalized } from "../letter-case.ts";
import type { PlatformDescription } from "../platforms/platform.ts";

/** What people call platforms and quotas. */
export type Titles = {
  /** "chat.io"; for an unknown platform, its name. */
  platform(name: PlatformName): string;
  /** "license 1520 of chat.io", or just the platform's title if it has only one quota. */
  quota(quota: string): string;
  /** The same at the beginning of a sentence: "License 1520 of chat.io". */
  subject(quota: string): string;
  /** The tenant whose quota it is: "1520", and what the platform calls it: "license"; null: the quota is no tenant's. */
  tenant(quota: string): { readonly noun: string; readonly account: string } | null;
  /** The quotas of this account, at one platform or at each that has tenants. */
  quotasOf(account: string, platform: PlatformName | null): string[];
  /** What the platforms call their tenants: "organization or license". */
  tenants(): string;
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
    tenant(quota) {
      const { platform, tenant: account } = split(quota);
      return platform === null || account === "" ? null : { noun: nounOf(platform), account };
    },
    quotasOf: (account, platform) =>
      descriptions
        .filter(({ name, install }) => (platform === null ? install !== null : name === platform))
        .map(({ name }) => `${name}:${account}`),
    tenants: () => [...new Set(descriptions.flatMap(({ install }) => install?.tenant ?? []))].join(" or "),
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

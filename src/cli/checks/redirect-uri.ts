import type { Config } from "../../config/config.ts";
import { DESCRIPTIONS } from "../../platforms/list.ts";
import { type Finding, warning } from "./finding.ts";

/**
 * A changed address changes the redirect URIs, too, which nobody but a person can register. `findings`: those of the
 * platforms.
 */
export function checkRedirectUris(
  { livechat, chatio }: Pick<Config, "livechat" | "chatio">,
  findings: readonly Finding[],
): Finding[] {
  if (!findings.some(({ isElsewhere }) => isElsewhere)) return [];
  const redirectUris = new Map([
    ["livechat", livechat?.redirectUri],
    ["chatio", chatio?.redirectUri],
  ]);
  return DESCRIPTIONS.flatMap(({ name, title, install }) => {
    const redirectUri = redirectUris.get(name);
    if (install === null || redirectUri === undefined) return [];
    const says = `something led to another address. If that of this server has changed, the redirect URI has, too: without the new one no installation on ${title} can be made or renewed`;
    return warning(`${title} app`, says, `see that it is ${redirectUri} in the ${install.console}`);
  });
}

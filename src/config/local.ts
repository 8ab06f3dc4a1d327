import type { Config } from "./config.ts";

const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether every platform that is set up is a stand-in on this machine, which reaches the server without a public address. */
export function hasOnlyStandIns({ livechat, chatio, webex }: Config): boolean {
  const platforms = [livechat, chatio, webex].filter((platform) => platform !== null);
  const addresses = platforms.flatMap((platform) => [
    platform.apiUrl,
    ...("accountsUrl" in platform ? [platform.accountsUrl] : []),
  ]);
  return addresses.length > 0 && addresses.every((url) => LOCAL_HOST.test(new URL(url).hostname));
}

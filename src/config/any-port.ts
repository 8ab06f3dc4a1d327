import type { Config } from "./config.ts";

/**
 * The settings of a server that has this port now. With PORT=0 it took any free one, which nobody could know before: what
 * leads to http://localhost:<PORT> by default leads to that one. Anything else stays as it was set.
 */
export function atPort(config: Config, port: number): Config {
  const { publicUrl, chatio, webex } = config;
  const here = (url: string) => url.replace(/^http:\/\/localhost:0(?=\/|$)/, `http://localhost:${port}`);
  return {
    ...config,
    port,
    publicUrl: here(publicUrl),
    chatio: chatio && {
      ...chatio,
      redirectUri: here(chatio.redirectUri),
      webhookUrl: here(chatio.webhookUrl),
    },
    webex: webex && { ...webex, targetUrl: here(webex.targetUrl) },
  };
}

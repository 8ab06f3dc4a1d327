import type { Config } from "./config.ts";

/**
 * The settings with the port that the server really got. PORT=0 takes any free port, so URLs that default to
 * http://localhost:<PORT> get their port only here. URLs that were set stay as they are.
 */
export function atPort(config: Config, port: number): Config {
  const { publicUrl, livechat, chatio, webex } = config;
  const here = (url: string) => url.replace(/^http:\/\/localhost:0(?=\/|$)/, `http://localhost:${port}`);
  return {
    ...config,
    port,
    publicUrl: here(publicUrl),
    livechat: livechat && {
      ...livechat,
      redirectUri: here(livechat.redirectUri),
      webhookUrl: here(livechat.webhookUrl),
    },
    chatio: chatio && {
      ...chatio,
      redirectUri: here(chatio.redirectUri),
      webhookUrl: here(chatio.webhookUrl),
    },
    webex: webex && { ...webex, targetUrl: here(webex.targetUrl) },
  };
}

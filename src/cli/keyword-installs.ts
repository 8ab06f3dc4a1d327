import type { ChatioConfig, LivechatConfig } from "../config/config.ts";
import type { CallGate } from "../http/http.ts";
import { createLog } from "../log.ts";
import { createChatioClient } from "../platforms/chatio/client.ts";
import { LICENSES } from "../platforms/chatio/installation.ts";
import { createChatioTokens } from "../platforms/chatio/tokens.ts";
import { createAccountLock, type OneAtATime } from "../platforms/keyword-bot/account-lock.ts";
import {
  type InstallationKind,
  isElsewhere,
  type OAuthCredentials,
} from "../platforms/keyword-bot/installation.ts";
import { quotaOf } from "../platforms/keyword-bot/keys.ts";
import type { TokenKeeper } from "../platforms/keyword-bot/tokens.ts";
import { createLivechatClient } from "../platforms/livechat/client.ts";
import { ORGANIZATIONS } from "../platforms/livechat/installation.ts";
import { createLivechatTokens } from "../platforms/livechat/tokens.ts";
import { HOLD_REASONS, type Installations } from "../store/store.ts";
import type { InstallsOf } from "./installs.ts";

/** The installations in LiveChat organizations. */
export function createLivechatInstalls(livechat: LivechatConfig, gate: CallGate): InstallsOf {
  const client = createLivechatClient({ ...livechat, gate });
  return createInstalls({
    kind: ORGANIZATIONS,
    webhookUrl: livechat.webhookUrl,
    keepTokens: (parts) => createLivechatTokens({ ...parts, client, log: createLog("silent") }),
    removeBot: (bot) => client.deleteBot(bot, bot.botId),
    revoke: client.revoke,
  });
}

/** The installations on chat.io licenses. */
export function createChatioInstalls(chatio: ChatioConfig, gate: CallGate): InstallsOf {
  const { webhookUrl } = chatio;
  const client = createChatioClient({ ...chatio, gate });
  return createInstalls({
    kind: LICENSES,
    webhookUrl,
    keepTokens: (parts) => createChatioTokens({ ...parts, client, webhookUrl, log: createLog("silent") }),
    removeBot: client.removeBotAgent,
    revoke: client.revoke,
  });
}

type PlatformOfInstalls<Secrets extends OAuthCredentials, Bot> = {
  kind: InstallationKind<Secrets>;
  webhookUrl: string;
  keepTokens(parts: {
    installations: Installations;
    oneAtATime: OneAtATime;
  }): Pick<TokenKeeper<Secrets, Bot>, "hold">;
  removeBot(bot: Bot): Promise<void>;
  revoke(accessToken: string): Promise<void>;
};

function createInstalls<Secrets extends OAuthCredentials, Bot extends { accessToken: string }>(
  platform: PlatformOfInstalls<Secrets, Bot>,
): InstallsOf {
  const { kind, webhookUrl, keepTokens, removeBot, revoke } = platform;
  return {
    stateOf(installation) {
      const elsewhere = isElsewhere(installation, webhookUrl) ? "ok, but its webhooks go elsewhere" : "ok";
      return kind.problemOf(installation) ?? elsewhere;
    },
    async remove(account, { installations: all, holds }, attempt) {
      const installations = all.of(kind.platform);
      const oneAtATime = createAccountLock({ kind, installations }).run;
      await keepTokens({ installations, oneAtATime }).hold(account, async (use) => {
        await attempt("bot agent", "removed", () => use(removeBot));
        await attempt("token", "revoked", () => use(({ accessToken }) => revoke(accessToken)));
        await installations.remove(account);
        // A new installation must not inherit old pauses.
        for (const reason of HOLD_REASONS) await holds.lift(quotaOf(kind.platform, account), reason);
      });
    },
  };
}

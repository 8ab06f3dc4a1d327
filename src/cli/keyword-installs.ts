import type { ChatioConfig, LivechatConfig } from "../config/config.ts";
import type { CallGate } from "../http/http.ts";
import { createLog } from "../log.ts";
import { createChatioClient } from "../platforms/chatio/client.ts";
import { createChatioTokenCalls, LICENSES } from "../platforms/chatio/installation.ts";
import { createAccountLock } from "../platforms/keyword-bot/account-lock.ts";
import { quotaOf } from "../platforms/keyword-bot/events.ts";
import {
  type InstallationKind,
  isElsewhere,
  type OAuthCredentials,
} from "../platforms/keyword-bot/installation.ts";
import { createTokenKeeper, type TokenCalls } from "../platforms/keyword-bot/tokens.ts";
import { createLivechatClient } from "../platforms/livechat/client.ts";
import { createLivechatTokenCalls, ORGANIZATIONS } from "../platforms/livechat/installation.ts";
import { HOLD_REASONS } from "../store/store.ts";
import type { InstallsOf } from "./installs.ts";

/** The installations on LiveChat organizations. */
export function createLivechatInstalls(livechat: LivechatConfig, gate: CallGate): InstallsOf {
  const client = createLivechatClient({ ...livechat, gate });
  return createInstalls({
    kind: ORGANIZATIONS,
    webhookUrl: livechat.webhookUrl,
    tokenCalls: createLivechatTokenCalls(client),
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
    tokenCalls: createChatioTokenCalls(client, webhookUrl),
    removeBot: client.removeBotAgent,
    revoke: client.revoke,
  });
}

type KeywordPlatform<Secrets extends OAuthCredentials, Bot> = {
  kind: InstallationKind<Secrets>;
  webhookUrl: string;
  tokenCalls: TokenCalls<Secrets, Bot, unknown>;
  removeBot(bot: Bot): Promise<void>;
  revoke(accessToken: string): Promise<void>;
};

function createInstalls<Secrets extends OAuthCredentials, Bot extends { accessToken: string }>(
  platform: KeywordPlatform<Secrets, Bot>,
): InstallsOf {
  const { kind, webhookUrl, tokenCalls: calls, removeBot, revoke } = platform;
  return {
    stateOf(installation) {
      const elsewhere = isElsewhere(installation, webhookUrl) ? "ok, but its webhooks go elsewhere" : "ok";
      return kind.problemOf(installation) ?? elsewhere;
    },
    async remove(account, { installations: all, holds }, attempt) {
      const installations = all.of(kind.platform);
      const oneAtATime = createAccountLock({ kind, installations }).run;
      const log = createLog("silent");
      const tokens = createTokenKeeper({ kind, calls, installations, oneAtATime, log });
      await tokens.withLock(account, async (use) => {
        await attempt("bot agent", "removed", () => use(removeBot));
        await attempt("token", "revoked", () => use(({ accessToken }) => revoke(accessToken)));
        await installations.remove(account);
        // A new installation must not inherit old pauses.
        for (const reason of HOLD_REASONS) await holds.lift(quotaOf(kind.platform, account), reason);
      });
    },
  };
}

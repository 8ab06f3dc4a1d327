import type { ChatioConfig } from "../config/config.ts";
import type { CallGate } from "../http/http.ts";
import { createLog } from "../log.ts";
import { createChatioClient } from "../platforms/chatio/client.ts";
import { CHATIO } from "../platforms/chatio/description.ts";
import { LICENSES } from "../platforms/chatio/installation.ts";
import { createChatioTokens } from "../platforms/chatio/tokens.ts";
import { createAccountLock } from "../platforms/keyword-bot/account-lock.ts";
import { isElsewhere } from "../platforms/keyword-bot/installation.ts";
import { quotaOf } from "../platforms/keyword-bot/keys.ts";
import { HOLD_REASONS } from "../store/store.ts";
import type { InstallsOf } from "./installs.ts";

/** The installations on chat.io licenses. */
export function createChatioInstalls(chatio: ChatioConfig, gate: CallGate): InstallsOf {
  const { webhookUrl } = chatio;
  return {
    stateOf(installation) {
      const elsewhere = isElsewhere(installation, webhookUrl) ? "ok, but its webhooks go elsewhere" : "ok";
      return LICENSES.problemOf(installation) ?? elsewhere;
    },
    async remove(account, { installations: all, holds }, attempt) {
      const installations = all.of(CHATIO.name);
      const client = createChatioClient({ ...chatio, gate });
      const oneAtATime = createAccountLock({ kind: LICENSES, installations }).run;
      const log = createLog("silent");
      const tokens = createChatioTokens({ client, installations, oneAtATime, webhookUrl, log });
      await tokens.hold(account, async (use) => {
        await attempt("bot agent", "removed", () => use(client.removeBotAgent));
        await attempt("token", "revoked", () => use(({ accessToken }) => client.revoke(accessToken)));
        await installations.remove(account);
        // A new installation must not inherit old pauses.
        for (const reason of HOLD_REASONS) await holds.lift(quotaOf(CHATIO.name, account), reason);
      });
    },
  };
}

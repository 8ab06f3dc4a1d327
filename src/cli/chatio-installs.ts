import type { ChatioConfig } from "../config/config.ts";
import type { CallGate } from "../http/http.ts";
import { createLog } from "../log.ts";
import { createAccountLock } from "../platforms/chatio/account-lock.ts";
import { createChatioClient, quotaOf } from "../platforms/chatio/client.ts";
import { isElsewhere, problemOf } from "../platforms/chatio/installation.ts";
import { createTokenKeeper } from "../platforms/chatio/tokens.ts";
import { HOLD_REASONS } from "../store/store.ts";
import type { InstallsOf } from "./installs.ts";

/** The installations on chat.io licenses. */
export function createChatioInstalls(chatio: ChatioConfig, gate: CallGate): InstallsOf {
  const { webhookUrl } = chatio;
  return {
    stateOf(installation) {
      const elsewhere = isElsewhere(installation, webhookUrl) ? "ok, but its webhooks go elsewhere" : "ok";
      return problemOf(installation) ?? elsewhere;
    },
    async remove(account, { installations: all, holds }, attempt) {
      const installations = all.of("chatio");
      const client = createChatioClient({ ...chatio, gate });
      const oneAtATime = createAccountLock({ installations }).run;
      const log = createLog("silent");
      const tokens = createTokenKeeper({ client, installations, oneAtATime, webhookUrl, log });
      await tokens.hold(account, async (use) => {
        await attempt("bot agent", "removed", () => use(client.removeBotAgent));
        await attempt("token", "revoked", () => use(({ accessToken }) => client.revoke(accessToken)));
        await installations.remove(account);
        // A new installation must not inherit old pauses.
        for (const reason of HOLD_REASONS) await holds.lift(quotaOf(account), reason);
      });
    },
  };
}

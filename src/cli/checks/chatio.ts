import type { ChatioConfig } from "../../config/config.ts";
import { ConfigError, PlatformError, StoreError } from "../../errors.ts";
import { createLog } from "../../log.ts";
import { type ChatioClient, createChatioClient } from "../../platforms/chatio/client.ts";
import { CHATIO } from "../../platforms/chatio/description.ts";
import { createChatioTokenCalls, LICENSES } from "../../platforms/chatio/installation.ts";
import { createAccountLock } from "../../platforms/keyword-bot/account-lock.ts";
import { isElsewhere } from "../../platforms/keyword-bot/installation.ts";
import { createTokenKeeper } from "../../platforms/keyword-bot/tokens.ts";
import type { Installation, Installations } from "../../store/store.ts";
import { hasStore } from "../../stores.ts";
import { withStore } from "../open-store.ts";
import {
  type Examination,
  elsewhere,
  FIX,
  type Finding,
  failed,
  fixed,
  ok,
  problem,
  warning,
  withoutSubject,
} from "./finding.ts";

const TITLE = "chat.io";

type Tools = {
  tokens: {
    /** Where the bot agent sends its webhooks; null: nowhere. */
    checkBot(account: string): Promise<string | null>;
    updateBot(account: string, force: boolean): Promise<void>;
  };
  webhookUrl: string;
  installUrl: string;
};

/** Checks the app's credentials and every installation. With `fix`, first corrects the webhooks of bot agents. */
export async function checkChatio(examination: Examination): Promise<Finding[]> {
  const { config } = examination;
  const { chatio } = config;
  if (chatio === null) return [];
  if (!hasStore(config)) return checkWith(examination, chatio, null);
  try {
    return await withStore(config, ({ installations }) =>
      checkWith(examination, chatio, installations.of(CHATIO.name)),
    );
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StoreError)) throw error;
    return [
      warning("chat.io", "installations cannot be checked without the database", "fix the database first"),
    ];
  }
}

/** `installations`: null if there is no database yet. */
async function checkWith(
  { config: { publicUrl }, fix, calls }: Examination,
  chatio: ChatioConfig,
  installations: Installations | null,
): Promise<Finding[]> {
  const client = createChatioClient({ ...chatio, ...calls });
  const credentials = await checkCredentials(client);
  const installUrl = `${publicUrl}/install`;
  const all = (await installations?.list()) ?? [];
  if (!installations || all.length === 0)
    return [credentials, warning("chat.io", "the Pizza BOT is not installed yet", installUrl)];
  const { webhookUrl } = chatio;
  const tokens = createTokenKeeper({
    kind: LICENSES,
    calls: createChatioTokenCalls(client, webhookUrl),
    installations,
    oneAtATime: createAccountLock({ kind: LICENSES, installations }).run,
    log: createLog("silent"),
  });
  const tools = { tokens, webhookUrl, installUrl };
  const findings: Finding[] = [];
  for (const installation of all) findings.push(...(await checkInstallation(installation, fix, tools)));
  return [credentials, ...findings];
}

/** chat.io answers invalid_grant to an unknown refresh token only if id and secret are correct. */
async function checkCredentials({ refresh }: ChatioClient): Promise<Finding> {
  const todo = "see the app's page in the chat.io developers console";
  try {
    await refresh(null, "no-such-refresh-token");
    return warning("chat.io app", "chat.io accepts any refresh token, so the app cannot be checked", todo);
  } catch (error) {
    const type = error instanceof PlatformError ? error.type : null;
    if (type === "invalid_grant") return ok("chat.io app", "client id and secret are accepted");
    if (type === "invalid_client") return problem("chat.io app", "client id or secret was refused", todo);
    return failed("chat.io app", error, { title: TITLE, setting: "CHATIO_ACCOUNTS_URL", todo });
  }
}

async function checkInstallation(
  installation: Installation,
  fix: boolean,
  { tokens, webhookUrl, installUrl }: Tools,
): Promise<Finding[]> {
  const { account } = installation;
  const check = `license ${account}`;
  const broken = LICENSES.problemOf(installation);
  if (broken !== null) return [problem(check, withoutSubject(broken, check), installUrl)];
  const done: Finding[] = [];
  try {
    let url = await tokens.checkBot(account);
    // The address that the server has recorded must be right too, since the server warns by it.
    if (fix && (url !== webhookUrl || isElsewhere(installation, webhookUrl))) {
      await tokens.updateBot(account, true);
      done.push(
        elsewhere(fixed(check, `the bot agent's webhooks went to ${url ?? "nowhere"}; now they come here`)),
      );
      url = await tokens.checkBot(account);
    }
    if (url === webhookUrl)
      return [...done, ok(check, "the token works, and the bot agent's webhooks come here")];
    const says = `the bot agent's webhooks go to ${url ?? "nowhere"}`;
    return [...done, elsewhere(problem(check, says, FIX))];
  } catch (error) {
    return [...done, failed(check, error, { title: TITLE, setting: "CHATIO_API_URL", todo: installUrl })];
  }
}

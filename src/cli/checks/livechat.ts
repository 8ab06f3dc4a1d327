import type { LivechatConfig } from "../../config/config.ts";
import { ConfigError, PlatformError, StoreError } from "../../errors.ts";
import { createLog } from "../../log.ts";
import { createAccountLock } from "../../platforms/keyword-bot/account-lock.ts";
import { createTokenKeeper } from "../../platforms/keyword-bot/tokens.ts";
import { addressChange, addressIsRight } from "../../platforms/livechat/address.ts";
import { createLivechatClient, type LivechatClient } from "../../platforms/livechat/client.ts";
import { LIVECHAT } from "../../platforms/livechat/description.ts";
import {
  createLivechatTokenCalls,
  ORGANIZATIONS,
  REVOKED_OR_SECRET,
} from "../../platforms/livechat/installation.ts";
import { createLivechatTokens, type LivechatTokens } from "../../platforms/livechat/tokens.ts";
import {
  createWebhooksClient,
  faultsOf,
  replaceWebhooks,
  type WebhookFault,
} from "../../platforms/livechat/webhooks.ts";
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

const API = { title: LIVECHAT.title, setting: "LIVECHAT_API_URL" };
const ADD = "npm run webhooks -- add livechat";
const REVOKED = "They were revoked: LIVECHAT_CLIENT_SECRET is right";

type Tools = { client: LivechatClient; tokens: LivechatTokens; installUrl: string };

/** The app's credentials and webhooks, and every installation. With `fix` bots and webhooks are put right first. */
export async function checkLivechat(examination: Examination): Promise<Finding[]> {
  const { config } = examination;
  const { livechat } = config;
  if (livechat === null) return [];
  const webhooks = await checkWebhooks(livechat, examination);
  if (hasStore(config)) webhooks.push(...(await checkAddress(examination, webhooks)));
  if (!hasStore(config)) return [...(await checkWith(examination, livechat, null)), ...webhooks];
  try {
    return await withStore(config, async ({ installations }) => [
      ...(await checkWith(examination, livechat, installations.of(LIVECHAT.name))),
      ...webhooks,
    ]);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StoreError)) throw error;
    return [
      warning("LiveChat", "installations cannot be looked at without the database", "fix the database first"),
      ...webhooks,
    ];
  }
}

/** `installations`: null while there is no database yet. */
async function checkWith(
  { config: { publicUrl }, fix, calls }: Examination,
  livechat: LivechatConfig,
  installations: Installations | null,
): Promise<Finding[]> {
  const client = createLivechatClient({ ...livechat, ...calls });
  const installUrl = `${publicUrl}${LIVECHAT.install.startPath}`;
  const all = (await installations?.list()) ?? [];
  const findings: Finding[] = [];
  if (!installations || all.length === 0) {
    findings.push(warning("LiveChat", "the Pizza BOT is not installed yet", installUrl));
  } else {
    const oneAtATime = createAccountLock({ kind: ORGANIZATIONS, installations }).run;
    const log = createLog("silent");
    const calls = createLivechatTokenCalls(client);
    const keeper = createTokenKeeper({ kind: ORGANIZATIONS, calls, installations, oneAtATime, log });
    const tokens = createLivechatTokens({ client, keeper, installations, log });
    for (const installation of all)
      findings.push(...(await checkInstallation(installation, fix, { client, tokens, installUrl })));
  }
  const works = findings.some(({ state }) => state === "ok" || state === "fixed");
  const app = await checkCredentials(client, works);
  return [app, ...(app.state === "ok" ? findings.map(withoutDoubt) : findings)];
}

/** What is left of the sentence about lost tokens once id and secret are known to be right. */
function withoutDoubt(finding: Finding): Finding {
  return { ...finding, says: finding.says.replace(REVOKED_OR_SECRET, REVOKED) };
}

/** `works`: an installation does, whose tokens were handed out for id and secret. */
async function checkCredentials({ refresh }: LivechatClient, works: boolean): Promise<Finding> {
  const check = "LiveChat app";
  const todo = "see the app's page in the text.com developer console";
  try {
    await refresh(null, "no-such-refresh-token");
    return warning(check, "LiveChat takes any refresh token, so nothing is known of the app", todo);
  } catch (error) {
    const type = error instanceof PlatformError ? error.type : null;
    if (type === "invalid_grant") return ok(check, "client id and secret are taken");
    // For LiveChat a refresh token that it does not know and a wrong secret may be the same.
    if (type === "unauthorized_client" && works) return ok(check, "client id and secret have worked");
    if (type === "unauthorized_client") return warning(check, "client id or secret may be wrong", todo);
    if (type === "invalid_client") return problem(check, "client id or secret is refused", todo);
    return failed(check, error, { title: LIVECHAT.title, setting: "LIVECHAT_ACCOUNTS_URL", todo });
  }
}

/** Whether the token works, the bot is in all groups and on line, and the organization sends webhooks. */
async function checkInstallation(
  installation: Installation,
  fix: boolean,
  { client, tokens, installUrl }: Tools,
): Promise<Finding[]> {
  const { account } = installation;
  const check = `organization ${account}`;
  const broken = ORGANIZATIONS.problemOf(installation);
  if (broken !== null) return [problem(check, withoutSubject(broken, check), installUrl)];
  const findings: Finding[] = [];
  try {
    const { missingGroups } = await tokens.checkBot(account);
    if (missingGroups.length > 0 && fix) await tokens.joinGroups(account);
    if (missingGroups.length > 0) {
      const says = `the bot was missing in groups: ${missingGroups.length}`;
      findings.push(fix ? fixed(check, `${says}; it is in all of them now`) : problem(check, says, FIX));
    }
    const areEnabled = await tokens.use(account, client.areWebhooksEnabled);
    if (!areEnabled && fix) await tokens.use(account, client.enableWebhooks);
    if (!areEnabled) {
      findings.push(
        fix
          ? fixed(check, "its webhooks were disabled, and are enabled now")
          : problem(check, "its webhooks are disabled: no chat reaches this server", FIX),
      );
    }
    // Nobody with this app's scopes is told the status of a bot, but it may be set as often as one likes.
    await tokens.goOnline(account);
    if (findings.length > 0) return findings;
    return [ok(check, "the token works, the bot is on line and in all groups, and webhooks are enabled")];
  } catch (error) {
    return [...findings, failed(check, error, { ...API, todo: installUrl })];
  }
}

/** Whether the app's webhooks are registered and lead here; only a developer's token may see them. */
async function checkWebhooks(livechat: LivechatConfig, { fix, calls }: Examination): Promise<Finding[]> {
  const check = "LiveChat hooks";
  const { personalAccessToken, webhookUrl } = livechat;
  if (personalAccessToken === null)
    return [
      warning(
        check,
        "LIVECHAT_PAT is not set, so the app's webhooks could not be checked",
        `see that incoming_chat and incoming_event lead to ${webhookUrl} in the text.com developer console`,
      ),
    ];
  try {
    const client = createWebhooksClient({ ...livechat, personalAccessToken, ...calls });
    const faults = faultsOf(await client.list(), livechat);
    if (faults.length === 0) return [ok(check, `lead to ${webhookUrl}`)];
    const moved = faults.filter(({ isElsewhere }) => isElsewhere);
    if (!fix) return [...problemsOf(moved, FIX).map(elsewhere), ...problemsOf(without(faults, moved), ADD)];
    await replaceWebhooks(client, livechat, () => {});
    const done = fixed(check, `were registered again, and now lead to ${webhookUrl}`);
    return [moved.length > 0 ? elsewhere(done) : done];
  } catch (error) {
    return [failed(check, error, { ...API, todo: "see that LIVECHAT_PAT is right, then try again" })];
  }
}

/** What is remembered of the public address; forgotten once its webhooks were looked at, or a person was told. */
async function checkAddress({ config, fix }: Examination, webhooks: readonly Finding[]): Promise<Finding[]> {
  const isRight = webhooks.every(({ state }) => state === "ok" || state === "fixed");
  const isForConsole = fix && config.livechat?.personalAccessToken === null;
  try {
    return await withStore(config, async ({ findings }) => {
      const change = await addressChange(findings);
      if (isRight || isForConsole) await addressIsRight(findings, config.publicUrl);
      return change === null ? [] : [elsewhere(warning("LiveChat hooks", withoutRemedy(change), FIX))];
    });
  } catch (error) {
    // The check of the database reports it.
    if (error instanceof ConfigError || error instanceof StoreError) return [];
    throw error;
  }
}

function withoutRemedy(sentence: string): string {
  return sentence.replace(`: ${FIX}`, "");
}

/** One problem for all faults, since one command puts them right. */
function problemsOf(faults: readonly WebhookFault[], todo: string): Finding[] {
  const says = faults.map((fault) => fault.says).join(" ");
  return says === "" ? [] : [problem("LiveChat hooks", says, todo)];
}

function without(faults: readonly WebhookFault[], others: readonly WebhookFault[]): WebhookFault[] {
  return faults.filter((fault) => !others.includes(fault));
}

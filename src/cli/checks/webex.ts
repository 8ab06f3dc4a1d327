import { createFileLedger } from "../../accounts.ts";
import type { WebexConfig } from "../../config/config.ts";
import { PlatformError, sentenceOf } from "../../errors.ts";
import { createLog } from "../../log.ts";
import { createWebexClient, type WebexClient } from "../../platforms/webex/client.ts";
import {
  type Fault,
  faultsOf,
  type HookChange,
  type HookSettings,
  reconcile,
} from "../../platforms/webex/hooks.ts";
import { applyHookChange, CHANGE_WORDS } from "../webex-webhooks.ts";
import { type Examination, elsewhere, type Finding, failed, fixed, ok, problem, warning } from "./finding.ts";

const ADD = "npm run webhooks -- add webex";
const PLATFORM = { title: "Webex", setting: "WT_API_URL" };

/** Checks the accounts, the bot's token, its webhooks, and who may ask it. With `fix`, first corrects the webhooks. */
export async function checkWebex({ config, fix, calls }: Examination): Promise<Finding[]> {
  const { webex, accountsFile } = config;
  if (webex === null) return [];
  const client = createWebexClient({ apiUrl: webex.apiUrl, token: webex.token, ...calls });
  const settings = { targetUrl: webex.targetUrl, secret: webex.webhookSecret };
  const token = await checkToken(client);
  const hooks = token.state === "ok" ? await checkHooks(client, settings, fix) : [];
  return [checkAccounts(accountsFile), token, ...hooks, ...checkOpenness(webex)];
}

function checkAccounts(accountsFile: string | null): Finding {
  if (accountsFile === null)
    return warning(
      "accounts",
      "globobot uses the built-in sample accounts",
      "name your file in ACCOUNTS_FILE",
    );
  try {
    createFileLedger(accountsFile, createLog("silent"));
    return ok("accounts", `${accountsFile} can be read`);
  } catch (error) {
    return problem(
      "accounts",
      sentenceOf(error),
      "fix the file; a running server keeps the last good version",
    );
  }
}

async function checkToken(client: WebexClient): Promise<Finding> {
  try {
    const me = await client.getMe();
    if (me.type === "bot")
      return ok("Webex token", `belongs to the bot ${me.displayName} (${me.emails[0] ?? "no address"})`);
    return problem(
      "Webex token",
      `belongs to no bot, but to an account of type ${me.type ?? "unknown"}`,
      "put the bot's token into WT_API_TOKEN",
    );
  } catch (error) {
    const refused = error instanceof PlatformError && error.status === 401;
    if (refused)
      return problem(
        "Webex token",
        "was refused",
        "create a new one at developer.webex.com and put it into WT_API_TOKEN",
      );
    return failed("Webex token", error, {
      ...PLATFORM,
      todo: "check WT_API_URL, then try again",
    });
  }
}

async function checkHooks(client: WebexClient, settings: HookSettings, fix: boolean): Promise<Finding[]> {
  const done: Finding[] = [];
  try {
    const changes = fix ? reconcile(await client.listWebhooks(), settings) : [];
    for (const change of changes.filter((one) => one.do !== "keep")) {
      await applyHookChange(change, client, settings);
      const finding = fixed("Webex hooks", `${CHANGE_WORDS[change.do]} "${change.hook.name}": ${change.why}`);
      done.push({ ...finding, isElsewhere: hasMoved(change, settings) });
    }
    const faults = faultsOf(await client.listWebhooks(), settings);
    if (faults.length === 0) return [...done, ok("Webex hooks", `point to ${settings.targetUrl}`)];
    return [...done, ...faults.map(findingOf)];
  } catch (error) {
    return [...done, failed("Webex hooks", error, { ...PLATFORM, todo: ADD })];
  }
}

function hasMoved({ do: what, hook }: HookChange, { targetUrl }: HookSettings): boolean {
  return what === "update" && hook.targetUrl !== targetUrl;
}

function findingOf({ says, remedy, isElsewhere }: Fault): Finding {
  const finding = problem("Webex hooks", says, remedy);
  return isElsewhere ? elsewhere(finding) : finding;
}

function checkOpenness({ webhookSecret, allowedSenders }: WebexConfig): Finding[] {
  const unsigned = warning(
    "Webex secret",
    "WT_WEBHOOK_SECRET is not set: anyone can forge deliveries",
    `set it, then ${ADD}`,
  );
  const open = warning(
    "Webex senders",
    "WT_ALLOWED_SENDERS is not set: anyone can ask for balances",
    "set it",
  );
  return [
    webhookSecret === null ? unsigned : ok("Webex secret", "deliveries must be signed"),
    allowedSenders === null
      ? open
      : ok("Webex senders", `entries in WT_ALLOWED_SENDERS: ${allowedSenders.length}`),
  ];
}

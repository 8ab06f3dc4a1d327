import type { WebexConfig } from "../../config/config.ts";
import { PlatformError } from "../../errors.ts";
import { createWebexClient, type WebexClient } from "../../platforms/webex/client.ts";
import { faultsOf, type HookSettings, reconcile } from "../../platforms/webex/hooks.ts";
import { PAST, take } from "../take-step.ts";
import { type Calls, type Finding, failed, fixed, ok, problem, warning } from "./finding.ts";

const ADD = "npm run webhooks -- add";
const PLATFORM = { title: "Webex", setting: "WT_API_URL" };

/** The bot's token, its webhooks, and who may ask it. With `fix` the webhooks are put right first. */
export async function checkWebex(config: WebexConfig, fix: boolean, calls: Calls): Promise<Finding[]> {
  const client = createWebexClient({ apiUrl: config.apiUrl, token: config.token, ...calls });
  const settings = { targetUrl: config.targetUrl, secret: config.webhookSecret };
  const token = await checkToken(client);
  const hooks = token.state === "ok" ? await checkHooks(client, settings, fix) : [];
  return [token, ...hooks, ...checkOpenness(config)];
}

async function checkToken(client: WebexClient): Promise<Finding> {
  try {
    const me = await client.getMe();
    if (me.type === "bot")
      return ok("Webex token", `is that of the bot ${me.displayName} (${me.emails[0] ?? "no address"})`);
    return problem(
      "Webex token",
      `is not a bot's, but of the type ${me.type ?? "unknown"}`,
      "put the bot's token into WT_API_TOKEN",
    );
  } catch (error) {
    const refused = error instanceof PlatformError && error.status === 401;
    if (refused)
      return problem(
        "Webex token",
        "is refused",
        "make a new one at developer.webex.com and put it into WT_API_TOKEN",
      );
    return failed("Webex token", error, {
      ...PLATFORM,
      todo: "see that WT_API_URL is right, then try again",
    });
  }
}

async function checkHooks(client: WebexClient, settings: HookSettings, fix: boolean): Promise<Finding[]> {
  const done: Finding[] = [];
  try {
    const steps = fix ? reconcile(await client.listWebhooks(), settings) : [];
    for (const step of steps.filter((one) => one.do !== "keep")) {
      await take(step, client, settings);
      done.push(fixed("Webex hooks", `${PAST[step.do]} "${step.hook.name}": ${step.why}`));
    }
    const faults = faultsOf(await client.listWebhooks(), settings);
    if (faults.length === 0) return [...done, ok("Webex hooks", `lead to ${settings.targetUrl}`)];
    return [...done, ...faults.map(({ says }) => problem("Webex hooks", says, ADD))];
  } catch (error) {
    return [...done, failed("Webex hooks", error, { ...PLATFORM, todo: ADD })];
  }
}

function checkOpenness({ webhookSecret, allowedSenders }: WebexConfig): Finding[] {
  const unsigned = warning(
    "Webex secret",
    "WT_WEBHOOK_SECRET is not set: anyone can make deliveries",
    `set it, then ${ADD}`,
  );
  const open = warning(
    "Webex senders",
    "WT_ALLOWED_SENDERS is not set: anyone can ask for balances",
    "set it",
  );
  return [
    webhookSecret === null ? unsigned : ok("Webex secret", "deliveries have to be signed"),
    allowedSenders === null
      ? open
      : ok("Webex senders", `entries in WT_ALLOWED_SENDERS: ${allowedSenders.length}`),
  ];
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import { countUnfinished, emptyJobs } from "./inbox/jobs-table.ts";
import { LAST_CHUNK } from "./load/connection.ts";
import { installAtLivechat, prefill } from "./prefill.ts";
import { startTarget, type Target, type TargetOptions } from "./target.ts";
import { APP, BOT_TOKEN, LICENSE, LIVECHAT_SECRET, SLACK_SECRET } from "./upstream/facts.ts";
import type { Upstream } from "./upstream/index.ts";

/** The server, with the Pizza BOT installed. */
export type Ours = Target & {
  /** Forgets all jobs but those in hand, so that one round's jobs are not another's burden. */
  empty(): void;
  /** Jobs that wait or are in hand. */
  unfinished(): number;
  /** Resolves when there are none. */
  idle(): Promise<void>;
};

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What `npm start` gives to Node.js, from any folder. */
const START = manifest.scripts.start
  .split(" ")
  .slice(2)
  .map((word) => (word.includes("src/") ? here(`../../${word}`) : word));

const WEBEX_SECRET = "webhook-secret-of-the-benchmark-0123456789ab";
const PATIENCE_MS = 60_000;

const status = (word: string) => JSON.stringify({ status: word });
const ACCEPTED: Target["answers"] = {
  pizza: status("accepted"),
  livechatPizza: status("accepted"),
  smalltalk: status("accepted"),
  balance: status("accepted"),
  tenantPizza: status("accepted"),
  slackPizza: LAST_CHUNK,
};
/** As long as those of ours, so that all read equally much. */
const NOBODYS = { chatio: "x".repeat(43), livechat: LIVECHAT_SECRET, webex: WEBEX_SECRET };

/** The database is in the folder, and stays there for a next start. */
type Surroundings = Pick<TargetOptions, "folder" | "keep">;

export type OursOptions = Surroundings & {
  upstream: Upstream;
  /** Of Node.js, beside those of `npm start`. */
  flags: readonly string[];
  /** Puts something into the database, or a database there, before the server starts. */
  prepare?: Prepare | undefined;
  /** What is said to which words; the built-in rule by default. */
  rules?: readonly object[] | undefined;
};

export type Prepare = (databasePath: string) => Promise<void>;

export async function startOurs({ upstream, flags, prepare, rules, ...around }: OursOptions): Promise<Ours> {
  mkdirSync(around.folder, { recursive: true });
  const path = join(around.folder, "bench.db");
  await prepare?.(path);
  const reactionsFile = join(around.folder, "reactions.json");
  if (rules) writeFileSync(reactionsFile, JSON.stringify(rules));
  const installed = await prefill(path, upstream, { licenses: [LICENSE], jobsEach: 0, areRenewed: false });
  await installAtLivechat(path, upstream);
  const target = await startServer({
    databaseUrl: `file:${path}`,
    upstream,
    flags,
    settings: rules ? { REACTIONS_FILE: reactionsFile } : {},
    webhookSecret: installed[0]?.webhookSecret ?? "",
    ...around,
  });
  return {
    ...target,
    empty: () => emptyJobs(path),
    unfinished: () => countUnfinished(path),
    idle: () => untilIdle(async () => countUnfinished(path)),
  };
}

/** Looks until there are none. Throws after a minute. */
export async function untilIdle(unfinished: () => Promise<number>): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  while ((await unfinished()) > 0) {
    if (performance.now() > endsAt) throw new Error("The server does not get done with its jobs.");
    await sleep(20);
  }
}

export type ServerOptions = Surroundings &
  Pick<OursOptions, "upstream" | "flags"> & {
    /** DATABASE_URL. */
    databaseUrl: string;
    settings: Readonly<Record<string, string>>;
    /** Of the bot at chat.io, where there is one. */
    webhookSecret: string;
  };

/** A server on a database that is there. */
export function startServer({
  databaseUrl,
  upstream,
  flags,
  settings,
  webhookSecret,
  ...around
}: ServerOptions): Promise<Target> {
  mkdirSync(around.folder, { recursive: true });
  return startTarget({
    program: [...flags, ...START],
    settings: {
      PUBLIC_URL: "http://127.0.0.1",
      DATABASE_URL: databaseUrl,
      CHATIO_CLIENT_ID: APP.clientId,
      CHATIO_CLIENT_SECRET: APP.clientSecret,
      CHATIO_ACCOUNTS_URL: upstream.urls.chatio,
      CHATIO_API_URL: upstream.urls.chatio,
      LIVECHAT_CLIENT_ID: APP.clientId,
      LIVECHAT_CLIENT_SECRET: APP.clientSecret,
      LIVECHAT_WEBHOOK_SECRET: LIVECHAT_SECRET,
      LIVECHAT_ACCOUNTS_URL: upstream.urls.livechat,
      LIVECHAT_API_URL: upstream.urls.livechat,
      WT_API_URL: upstream.urls.webex,
      WT_API_TOKEN: BOT_TOKEN,
      WT_WEBHOOK_SECRET: WEBEX_SECRET,
      ...settings,
    },
    ...around,
    answers: { ...ACCEPTED, smalltalk: status("ignored") },
    secrets: { chatio: webhookSecret, livechat: LIVECHAT_SECRET, webex: WEBEX_SECRET },
  });
}

/** bare: the least that an Express program can be; trivial: the least that any server can be. In the same surroundings as ours. */
export function startOther(name: "bare" | "trivial", around: Surroundings): Promise<Target> {
  mkdirSync(around.folder, { recursive: true });
  return startTarget({
    program: [here(`processes/${name}.ts`)],
    settings: {},
    ...around,
    answers: ACCEPTED,
    secrets: NOBODYS,
  });
}

/** handler: makes its calls before it answers. bolt: answers first, and keeps the rest in memory. */
export type Rival = "handler" | "bolt";

const PROGRAMS: Readonly<Record<Rival, string>> = { handler: "handler.ts", bolt: "bolt.mjs" };

export async function startRival(name: Rival, upstream: Upstream, around: Surroundings): Promise<Target> {
  mkdirSync(around.folder, { recursive: true });
  const [bot] = await upstream.install([LICENSE]);
  return startTarget({
    program: [here(`processes/${PROGRAMS[name]}`)],
    settings: { BOT: JSON.stringify(bot), CHATIO_URL: upstream.urls.chatio, SLACK_SECRET },
    ...around,
    answers: ACCEPTED,
    secrets: NOBODYS,
  });
}

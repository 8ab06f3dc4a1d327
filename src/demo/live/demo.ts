import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Environment, readConfig } from "../../config/config.ts";
import type { Exchange } from "../../sandbox/exchanges.ts";
import { createLocalApp, listen } from "../../sandbox/local-server.ts";
import { openCommandStore } from "../../stores.ts";
import { createChatPlatforms } from "../chat-platforms.ts";
import { startPostgresProcess } from "../postgres-process.ts";
import { prepareStage } from "../stage.ts";
import { createDemoApp } from "./app.ts";
import { createPeople } from "./people.ts";
import { createDemoRules } from "./rules.ts";
import { createServers } from "./servers.ts";
import { createTrials } from "./trial.ts";
import { createTroubles, failureOf } from "./troubles.ts";
import { type JobLine, overallState, type View } from "./view.ts";
import { createExchangeLog, createInboxWatch, createNews } from "./watch.ts";

/** Webhooks are tried every two seconds until they are answered. */
const PATIENT = { attempts: Number.POSITIVE_INFINITY, retryAfterMs: 2000 };
/** With several servers, a platform that fails takes so long that people see which server has the job. */
const SLOW_REFUSAL_MS = 10_000;

export type LiveDemo = {
  /** The page. */
  url: string;
  serverUrl: string;
  /** For the operator's pages. Random: any page in the browser could try a fixed one. */
  password: string;
  stop: () => Promise<void>;
};

/**
 * Starts the interactive demo: the stand-ins, each server in its own process, and a page that shows them at work. Several
 * servers share a PostgreSQL of their own; throws if it cannot run here. `settings` are further settings of the servers.
 */
export async function startLiveDemo(settings: Environment = {}, count = 1): Promise<LiveDemo> {
  const areSeveral = count > 1;
  const news = createNews();
  const password = randomBytes(6).toString("hex");
  const exchanges = createExchangeLog();
  const onExchange = (exchange: Exchange) => {
    exchanges.note(exchange);
    news.changed();
  };
  const watched = { onExchange, onChange: news.changed };
  // Listens before the server, which leads back to it; nobody knows its address until the routes are in place.
  const routes = createLocalApp();
  const page = await listen(routes);
  const closers: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const postgres = areSeveral ? await startPostgresProcess() : null;
    if (postgres) closers.push(postgres.stop);
    const stage = await prepareStage({
      livechat: { ...watched, asksForConsent: true },
      chatio: { ...watched, asksForConsent: true },
      webex: watched,
      settings: {
        ADMIN_PASSWORD: password,
        WT_HEAL_WEBHOOKS: "true",
        WT_ALLOWED_SENDERS: "@pizza.example",
        ...(postgres && { DATABASE_URL: postgres.url }),
        ...settings,
      },
    });
    closers.push(stage.stop);
    const { serverUrl, folder, leadTo } = stage;
    const standIns = { livechat: stage.livechat, chatio: stage.chatio, webex: stage.webex };
    for (const { delivery } of Object.values(standIns))
      Object.assign(delivery, PATIENT, { keepsConnections: !areSeveral });
    const troubles = createTroubles(standIns, areSeveral ? SLOW_REFUSAL_MS : 0);
    const { changed } = news;
    const reactionsFile = join(folder, "reactions.json");
    const rules = createDemoRules(reactionsFile);
    const trials = createTrials();
    const ownSettings = { ...stage.settings, PORT: "0", REACTIONS_FILE: reactionsFile };
    const demoUrl = page.origin;
    const servers = createServers({ count, settings: ownSettings, folder, demoUrl, leadTo, changed });
    closers.push(servers.stop);
    await servers.startAll();
    const store = await openCommandStore(readConfig(ownSettings));
    const platforms = createChatPlatforms(stage);
    const looked = (jobs: readonly JobLine[]) => {
      for (const { name } of platforms)
        trials.look(name, {
          isFailing: troubles.active().has(failureOf(name)),
          isServerDown: overallState(servers.lines()) !== "running",
          jobs: jobs.filter(({ platform }) => platform === name),
        });
    };
    const inbox = createInboxWatch(store, {
      looked,
      changed,
      holderOf: areSeveral ? servers.holderOf : () => null,
    });
    closers.push(inbox.stop);
    const people = createPeople(platforms, stage.webex);

    const view = (): View => ({
      serverUrl,
      password,
      servers: servers.lines(),
      platforms,
      platform: people.platform(),
      isInstalled: people
        .platform()
        .bots()
        .some(({ isReady }) => isReady),
      chat: people.chat(),
      isServed: people.isServed(),
      room: people.room(),
      rooms: people.rooms(),
      undelivered: people.undelivered(),
      rules: rules.inUse(),
      exchanges: exchanges.newestFirst(),
      inbox: inbox.view(),
      troubles: troubles.active(),
      trials: trials.all(),
    });
    routes.use(createDemoApp({ view, people, rules, troubles, servers, news }));
    closers.push(page.close);
    return { url: page.origin, serverUrl, password, stop };
  } catch (error) {
    closers.push(page.close);
    await stop();
    throw error;
  }
}

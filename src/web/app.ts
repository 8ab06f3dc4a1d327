import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { NotSetUp, WrongMethod } from "../errors.ts";
import type { Troubles } from "../health/troubles.ts";
import type { PlatformName } from "../job.ts";
import { createLimit, limitRefusals } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Activity } from "../operator/activity.ts";
import { createCrm } from "../operator/crm.ts";
import { createAdminGate, onlyWithPassword } from "../operator/gate.ts";
import type { Metrics } from "../operator/metrics.ts";
import { createStatus } from "../operator/status.ts";
import { ASSETS, createAssets } from "../pages/assets.ts";
import { createHeaders } from "../pages/headers.ts";
import type { HookReport, Installer, Platform } from "../platforms/platform.ts";
import type { Ledger } from "../reactions/balance.ts";
import type { AllInstallations, Holds, Inbox, InboxDesk, Store } from "../store/store.ts";
import { answerAsJson, answerAsPage } from "./answers.ts";
import { type BodyRoom, createBodyReader, createBodyRoom } from "./body-room.ts";
import { watchDeliveries } from "./delivery-space.ts";
import { createHealth, createReadiness } from "./health.ts";
import { createHome } from "./home.ts";
import { createInstall } from "./install.ts";
import { type Answered, countRefusals, createReceive } from "./receive.ts";
import type { Refusals } from "./refusals.ts";
import { createStates } from "./states.ts";
import { trustedProxy } from "./trusted-proxy.ts";

export type AppOptions = {
  /** null: switched off, for lack of settings. */
  chatio: { platform: Platform; installer: Installer } | null;
  webex: { platform: Platform; hooks: () => HookReport } | null;
  inbox: Inbox;
  desk: InboxDesk;
  installations: AllInstallations;
  ledger: Ledger;
  /** A delivery was accepted. */
  arrived: () => void;
  /** There may be something to do. */
  nudge: () => void;
  /** Why quotas have no turns. */
  holds: Holds;
  /** Throws when the database cannot be written; so many bytes, where that matters. */
  checkStore: Store["check"];
  /** What fails or falls behind now. */
  troubles: () => Troubles;
  /** Where browsers reach us. */
  publicUrl: string;
  /** null: the operator's routes do not exist. */
  adminPassword: string | null;
  /** As in the settings. */
  trustProxy: string;
  metrics: Metrics;
  activity: Activity;
  refusals: Refusals;
  /** For the bodies of deliveries that are being received; one of the usual size unless given. */
  bodyRoom?: BodyRoom;
  log: Log;
};

const LONGEST_FORM = "10kb";
/** Limits for one address, for what has failed. An installation is one exchange of a code. */
const EXCHANGES_PER_MINUTE = 30;
const NO_CODES_PER_MINUTE = 30;
const REFUSALS_PER_MINUTE = 60;
const CHATIO_NOT_SET_UP =
  "chat.io is not set up on this server: CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.";
const WEBEX_NOT_SET_UP = "Webex is not set up on this server: WT_API_TOKEN is missing.";

/** The routes. Neither listens nor reads the environment. */
export function createApp(options: AppOptions): Express {
  const { chatio, webex, checkStore, troubles, adminPassword, metrics, refusals, log } = options;
  const isSecure = options.publicUrl.startsWith("https:");
  const install = createInstall({
    installer: chatio?.installer ?? null,
    notSetUp: CHATIO_NOT_SET_UP,
    states: createStates(),
    limits: {
      begun: createLimit(EXCHANGES_PER_MINUTE, "successes"),
      typed: createLimit(EXCHANGES_PER_MINUTE, "successes"),
    },
    isSecure,
    log,
  });
  const home = createHome({
    installer: chatio?.installer ?? null,
    webex: webex?.platform ?? null,
    hasOperatorPages: adminPassword !== null,
    publicUrl: options.publicUrl,
  });
  const platforms = { "chat.io": chatio?.platform ?? null, Webex: webex?.platform ?? null };

  const app = express()
    .disable("etag")
    // So that `state[]=…` is a state, too, and a wrong one.
    .set("query parser", "extended")
    .set("trust proxy", trustedProxy(options.trustProxy))
    .disable("x-powered-by");
  const pages = express.Router();
  const api = express.Router();
  const forOperators = adminPassword === null ? null : createOperatorsOnly(adminPassword);

  const space = watchDeliveries(options.inbox, checkStore);
  const readBody = createBodyReader(options.bodyRoom ?? createBodyRoom());
  // The way that is gone most often comes first, before the headers that are for browsers.
  app
    .route("/webhook")
    .post(delivery("chatio", readBody, { ...options, inbox: space.inbox }))
    .all(allowOnly("POST"));
  app
    .route("/wtwebhook")
    .post(delivery("webex", readBody, { ...options, inbox: space.inbox }))
    .all(allowOnly("POST"));
  app.use(limitRefusals(REFUSALS_PER_MINUTE), answerAsJson(refusals));

  pages.route("/").get(home).all(allowOnly("GET", "HEAD"));
  pages.use(ASSETS, createAssets());
  pages.route("/install").get(install.start).all(allowOnly("GET", "HEAD"));
  // A HEAD, of a link's preview for instance, must not use up the code.
  const tokenOnly = allowOnly("GET");
  pages.route("/token").head(tokenOnly).get(install.finish).all(tokenOnly);
  pages.use("/token", limitRefusals(NO_CODES_PER_MINUTE));
  if (forOperators !== null) {
    const status = createStatus({ ...options, platforms });
    pages.use(["/status", "/crm"], forOperators);
    pages.route("/status").get(status.show).all(allowOnly("GET", "HEAD"));
    pages.route("/status/retry").post(readForm, status.retry).all(allowOnly("POST"));
    pages.route("/crm").get(createCrm(options.ledger)).all(allowOnly("GET", "HEAD"));
  }
  pages.use(answerAsPage(refusals));

  api.route("/healthz").get(createHealth()).all(allowOnly("GET", "HEAD"));
  const readiness = createReadiness({ platforms, checkStore: space.check, troubles, log });
  if (forOperators !== null) api.get("/readyz", onlyWithPassword, forOperators, readiness.full);
  api.route("/readyz").get(readiness.brief).all(allowOnly("GET", "HEAD"));
  if (forOperators !== null) {
    api.use("/metrics", forOperators);
    api.route("/metrics").get(answerMetrics(metrics)).all(allowOnly("GET", "HEAD"));
  }
  api.use(answerNotFound);
  api.use(answerAsJson(refusals));

  return app.use(createHeaders(isSecure), pages, api);
}

/** The way of a delivery: read as bytes where it is JSON, received, counted. Where the platform is switched off, it ends at once. */
function delivery(
  name: PlatformName,
  readBody: RequestHandler,
  options: AppOptions,
): (RequestHandler | ErrorRequestHandler)[] {
  const { chatio, webex, inbox, arrived, metrics, activity, log } = options;
  const platform = (name === "chatio" ? chatio : webex)?.platform;
  const answered: Answered = (answer) => {
    metrics.deliveryAnswered(name, answer);
    activity.deliveryAnswered(answer);
  };
  const count = countRefusals(answered);
  if (!platform) return [refuseNotSetUp(name === "chatio" ? CHATIO_NOT_SET_UP : WEBEX_NOT_SET_UP), count];
  return [readBody, createReceive({ platform, inbox, arrived, answered, log }), count];
}

/** What all routes of operators begin with. */
function createOperatorsOnly(password: string): RequestHandler[] {
  const neverKept: RequestHandler = (_req, res, next) => {
    res.set("Cache-Control", "no-store");
    next();
  };
  return [neverKept, createAdminGate(password)];
}

const readForm = express.urlencoded({ extended: false, limit: LONGEST_FORM });

function refuseNotSetUp(sentence: string): RequestHandler {
  return () => {
    throw new NotSetUp(sentence);
  };
}

/** What is allowed first is what the sentence names; HEAD is answered by Express wherever there is a GET. */
function allowOnly(...methods: [string, ...string[]]): RequestHandler {
  return (req, res) => {
    res.set("Allow", methods.join(", "));
    throw new WrongMethod(`${req.method} is not allowed here; use ${methods[0]}.`);
  };
}

const answerNotFound: RequestHandler = (_req, res) => {
  res.status(404).json({ error: "There is nothing here." });
};

function answerMetrics({ registry }: Metrics): RequestHandler {
  return async (_req, res) => {
    res.set("Content-Type", registry.contentType).send(await registry.metrics());
  };
}

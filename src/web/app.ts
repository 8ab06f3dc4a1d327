import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from "express";
import { compile } from "proxy-addr";
import { NotSetUp, WrongMethod } from "../errors.ts";
import type { DatabaseWatch } from "../health/database-watch.ts";
import type { Troubles } from "../health/troubles.ts";
import { createLimit, limitBadRequests } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Observer } from "../observer.ts";
import type { Activity } from "../operator/activity.ts";
import { createCrm } from "../operator/crm.ts";
import { createOperatorGate, onlyWithPassword } from "../operator/gate.ts";
import type { Metrics } from "../operator/metrics.ts";
import { createStatus } from "../operator/status.ts";
import { ASSETS, createAssets } from "../pages/assets.ts";
import { createHeaders } from "../pages/headers.ts";
import type { PlatformEntry } from "../platforms/platform.ts";
import type { Ledger } from "../reactions/balance.ts";
import type { Store } from "../store/store.ts";
import { answerAsJson, answerAsPage } from "./answers.ts";
import { type BodyRoom, createBodyReader, createBodyRoom } from "./delivery-body.ts";
import { createFinishedMarks } from "./finished.ts";
import { createHealth, createReadiness } from "./health.ts";
import { createHome } from "./home.ts";
import { createInstall, DONE } from "./install.ts";
import { explainInstall, explainToOperator } from "./pages/error.ts";
import type { Back } from "./pages/home.ts";
import { countErrors, createReceive } from "./receive.ts";
import type { RejectionLog } from "./rejection-log.ts";
import { createStates } from "./states.ts";
import { createUnknown } from "./unknown.ts";

export type AppOptions = {
  platforms: readonly PlatformEntry[];
  store: Omit<Store, "news" | "close">;
  ledger: Ledger;
  /** Called after a delivery was accepted (the worker's `arrived`). */
  arrived: () => void;
  /** Called after the operator has put dead jobs back. */
  jobsPutBack: () => void;
  /** Knows whether deliveries can be kept. */
  database: Pick<DatabaseWatch, "check">;
  /** What is failing or falling behind now. */
  troubles: () => Troubles;
  /** The base URL at which browsers reach us. */
  publicUrl: string;
  /** Where the server listens on its machine. */
  port: number;
  /** Signs what browsers bring back; the same on all servers. */
  signingKey: string;
  /** Whether the platforms are on other machines. */
  needsPublicAddress: boolean;
  /** Where visitors of the home page come from. */
  back?: Back | undefined;
  /** null: the operator's routes do not exist. */
  operatorPassword: string | null;
  /** The setting TRUST_PROXY. */
  trustProxy: string;
  metrics: Pick<Metrics, "registry">;
  activity: Activity;
  observer: Pick<Observer, "deliveryAnswered">;
  rejections: RejectionLog;
  /** Room for the bodies of deliveries that are being received; by default one of the usual size. */
  bodyRoom?: BodyRoom;
  log: Log;
};

const LONGEST_FORM = "10kb";
/** How often one address may fail per minute. Each installation exchanges one code. */
const EXCHANGES_PER_MINUTE = 30;
const NO_CODES_PER_MINUTE = 30;
const BAD_DELIVERIES_PER_MINUTE = 60;

/** The route table. Neither listens nor reads the environment. */
export function createApp(options: AppOptions): Express {
  const { platforms, store, database, troubles, operatorPassword, publicUrl, port, rejections } = options;
  const app = express()
    .disable("etag")
    // So that `state[]=…` is read as a (wrong) state, not as no state.
    .set("query parser", "extended")
    .set("trust proxy", trustedProxy(options.trustProxy))
    .disable("x-powered-by");
  const pages = express.Router();
  const api = express.Router();
  const forOperators = operatorPassword === null ? null : createOperatorsOnly(operatorPassword);

  // Webhooks first: they are the most frequent, and need no headers for browsers.
  const readBody = createBodyReader(options.bodyRoom ?? createBodyRoom());
  for (const entry of platforms) {
    app
      .route(entry.description.webhookPath)
      .post(delivery(entry, readBody, options))
      .all(allowOnly("POST"));
  }
  app.use(limitBadRequests(BAD_DELIVERIES_PER_MINUTE), answerAsJson(rejections));

  const hasOperatorPages = operatorPassword !== null;
  const { needsPublicAddress, back } = options;
  const home = createHome({ platforms, hasOperatorPages, publicUrl, port, needsPublicAddress, back });
  pages.route("/").get(home).all(allowOnly("GET", "HEAD"));
  pages.use(ASSETS, createAssets());
  for (const entry of platforms) addInstallRoutes(pages, entry, options);
  if (forOperators !== null) {
    const status = createStatus(options);
    pages.use(["/status", "/crm"], forOperators);
    pages.route("/status").get(status.show).all(allowOnly("GET", "HEAD"));
    pages.route("/status/jobs/:key").get(status.job).all(allowOnly("GET", "HEAD"));
    pages.route("/status/retry").post(readForm, status.retry).all(allowOnly("POST"));
    pages.route("/status/drop").post(readForm, status.drop).all(allowOnly("POST"));
    pages.route("/crm").get(createCrm(options.ledger)).all(allowOnly("GET", "HEAD"));
  }
  pages.use("/status", answerAsPage(rejections, explainToOperator));
  pages.use(answerAsPage(rejections));

  api.route("/healthz").get(createHealth(store.servers.own)).all(allowOnly("GET", "HEAD"));
  const readiness = createReadiness({ platforms, database, desk: store.desk, troubles });
  if (forOperators !== null) api.get("/readyz", onlyWithPassword, forOperators, readiness.full);
  api.route("/readyz").get(readiness.brief).all(allowOnly("GET", "HEAD"));
  if (forOperators !== null) {
    api.use("/metrics", forOperators);
    api.route("/metrics").get(answerMetrics(options.metrics)).all(allowOnly("GET", "HEAD"));
  }
  api.use(createUnknown({ hasOperatorPages: forOperators !== null }));
  api.use(answerAsJson(rejections));

  return app.use(createHeaders(isSecure(publicUrl)), pages, api);
}

/** The handlers of a delivery: read its bytes, receive it, count errors. Without the platform's settings, refuse it. */
function delivery(
  { description, platform }: PlatformEntry,
  readBody: RequestHandler,
  { store: { inbox }, arrived, observer, log }: AppOptions,
): (RequestHandler | ErrorRequestHandler)[] {
  const answered = (answer: string) => observer.deliveryAnswered(description.name, answer);
  const count = countErrors(answered);
  if (platform === null) return [refuseNotSetUp(description.notSetUp), count];
  return [readBody, createReceive({ platform, inbox, arrived, answered, log }), count];
}

/** Adds the pages of an installation and its error pages; none if the platform is not installed by OAuth. */
function addInstallRoutes(
  pages: Router,
  { description, platform }: PlatformEntry,
  { publicUrl, signingKey, store, rejections, log }: AppOptions,
): void {
  const { install } = description;
  if (install === null) return;
  const { startPath, finishPath } = install;
  const { start, finish, done } = createInstall({
    description,
    install,
    installer: platform?.installer ?? null,
    states: createStates(signingKey, store.servers.once),
    finished: createFinishedMarks(description.name, signingKey),
    limits: {
      started: createLimit(EXCHANGES_PER_MINUTE, "successes"),
      typed: createLimit(EXCHANGES_PER_MINUTE, "successes"),
    },
    isSecure: isSecure(publicUrl),
    log,
  });
  pages.route(startPath).get(start).all(allowOnly("GET", "HEAD"));
  pages
    .route(startPath + DONE)
    .get(done)
    .all(allowOnly("GET", "HEAD"));
  // A HEAD request, e.g. for a link preview, must not use up the code.
  const finishOnly = allowOnly("GET");
  pages.route(finishPath).head(finishOnly).get(finish).all(finishOnly);
  pages.use(finishPath, limitBadRequests(NO_CODES_PER_MINUTE));
  pages.use([startPath, finishPath], answerAsPage(rejections, explainInstall(description, install)));
}

function isSecure(url: string): boolean {
  return url.startsWith("https:");
}

/** The handlers that come first on every operator route. */
function createOperatorsOnly(password: string): RequestHandler[] {
  const neverCached: RequestHandler = (_req, res, next) => {
    res.set("Cache-Control", "no-store");
    next();
  };
  return [neverCached, createOperatorGate(password)];
}

const readForm = express.urlencoded({ extended: false, limit: LONGEST_FORM });

function refuseNotSetUp(sentence: string): RequestHandler {
  return () => {
    throw new NotSetUp(sentence);
  };
}

/** The sentence suggests only the first method. A second one is HEAD, which Express answers like GET. */
function allowOnly(...methods: [string, ...string[]]): RequestHandler {
  return (req, res) => {
    res.set("Allow", methods.join(", "));
    throw new WrongMethod(`${req.method} is not allowed here; use ${methods[0]}.`);
  };
}

function answerMetrics({ registry }: Pick<Metrics, "registry">): RequestHandler {
  return async (_req, res) => {
    res.set("Content-Type", registry.contentType).send(await registry.metrics());
  };
}

/**
 * Whose `X-Forwarded-For` is trusted: only that of the last hop before us, and only if its address is in the setting. The
 * setting is "loopback", "none", an address, or a network in CIDR notation.
 */
function trustedProxy(setting: string): (address: string, hop: number) => boolean {
  const isTrusted = compile(setting === "none" ? [] : setting);
  return (address, hop) => hop === 0 && isTrusted(address, hop);
}

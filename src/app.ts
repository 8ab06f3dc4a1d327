import express, { type Express, type RequestHandler } from "express";
import { answerAsJson, answerAsPage } from "./answers.ts";
import { answerHealth, createReadiness } from "./health.ts";
import { createInstall } from "./install.ts";
import type { Log } from "./log.ts";
import { homePage } from "./pages/home.ts";
import type { Installer, Platform } from "./platforms/platform.ts";
import { createReceive } from "./receive.ts";
import { createStates } from "./states.ts";
import type { Inbox } from "./store/store.ts";

export type AppOptions = {
  /** null: switched off, for lack of settings. */
  chatio: { platform: Platform; installer: Installer } | null;
  webex: Platform | null;
  inbox: Inbox;
  nudge: () => void;
  /** Throws when the database cannot be written. */
  checkStore: () => Promise<void>;
  /** Where browsers reach us. */
  publicUrl: string;
  log: Log;
};

const LONGEST_BODY = "1mb";
const CHATIO_NOT_SET_UP =
  "chat.io is not set up on this server: CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.";
const WEBEX_NOT_SET_UP = "Webex is not set up on this server: WT_API_TOKEN is missing.";

/** The routes. Neither listens nor reads the environment. */
export function createApp(options: AppOptions): Express {
  const { chatio, webex, inbox, nudge, checkStore, log } = options;
  const install = createInstall({
    installer: chatio?.installer ?? null,
    notSetUp: CHATIO_NOT_SET_UP,
    states: createStates(),
    isSecure: options.publicUrl.startsWith("https:"),
    log,
  });
  const fromChatio = { platform: chatio?.platform ?? null, notSetUp: CHATIO_NOT_SET_UP };
  const fromWebex = { platform: webex, notSetUp: WEBEX_NOT_SET_UP };
  const platforms = { "chat.io": fromChatio.platform, Webex: webex };
  const home = homePage({ hasChatio: chatio !== null, hasWebex: webex !== null });
  const body = [requireJson, express.raw({ type: () => true, limit: LONGEST_BODY, inflate: false })];

  const app = express().disable("x-powered-by").disable("etag");
  const pages = express.Router();
  const api = express.Router();

  pages
    .route("/")
    .get((_req, res) => void res.send(home))
    .all(allowOnly("GET"));
  pages.route("/install").get(install.start).all(allowOnly("GET"));
  pages.route("/token").get(install.finish).all(allowOnly("GET"));
  pages.use(answerAsPage(log));

  api
    .route("/webhook")
    .post(body, createReceive({ ...fromChatio, inbox, nudge, log }))
    .all(allowOnly("POST"));
  api
    .route("/wtwebhook")
    .post(body, createReceive({ ...fromWebex, inbox, nudge, log }))
    .all(allowOnly("POST"));
  api.route("/healthz").get(answerHealth).all(allowOnly("GET"));
  api.route("/readyz").get(createReadiness({ platforms, checkStore })).all(allowOnly("GET"));
  api.use(answerNotFound);
  api.use(answerAsJson(log));

  return app.use(pages, api);
}

const requireJson: RequestHandler = (req, res, next) => {
  if (req.is("json") || req.is("+json")) next();
  else res.status(415).json({ error: "The body must be JSON, with Content-Type: application/json." });
};

function allowOnly(method: string): RequestHandler {
  return (req, res) => {
    res
      .status(405)
      .set("Allow", method)
      .json({ error: `${req.method} does not go here; ${method} does.` });
  };
}

const answerNotFound: RequestHandler = (_req, res) => {
  res.status(404).json({ error: "There is nothing here." });
};

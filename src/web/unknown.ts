import type { Request, RequestHandler } from "express";
import { compile } from "proxy-addr";
import { errorPage } from "./pages/error.ts";

const OPERATOR_PATHS = /^\/(status|crm|metrics)(\/|$)/;
const START = { path: "/", link: "The server’s home page" };
const isLoopback = compile("loopback");

/** Answers 404 at addresses where there is nothing: with a page for browsers, otherwise in JSON. */
export function createUnknown({ hasOperatorPages }: { hasOperatorPages: boolean }): RequestHandler {
  return function answerUnknown(req, res) {
    res.status(404).vary("Accept");
    // Whoever accepts anything, as most programs do, gets JSON.
    if (req.accepts(["json", "html"]) !== "html") res.json({ error: "There is nothing here." });
    else res.send(errorPage(!hasOperatorPages && isForOperator(req) ? DISABLED : NOTHING));
  };
}

/** Only to visitors on this machine: strangers need not know which pages a server could have. */
function isForOperator({ path, ip = "" }: Request): boolean {
  return OPERATOR_PATHS.test(path) && isLoopback(ip, 0);
}

const NOTHING = {
  title: "Page not found",
  sentence: "There is nothing at this address.",
  hint: { ...START, advice: "Check the address, or go to the home page." },
};

const DISABLED = {
  title: "Page not enabled",
  sentence: "The operator's pages are not enabled on this server.",
  hint: {
    ...START,
    advice: "To enable them, set ADMIN_PASSWORD in .env or the environment, and restart the server.",
  },
};

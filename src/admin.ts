import { setTimeout as sleep } from "node:timers/promises";
import type { RequestHandler } from "express";
import { NotOperator } from "./errors.ts";
import { isSame } from "./secrets.ts";

/** How long who gave a wrong password waits for the answer. */
const FAILURE_PAUSE_MS = 1000;

/** Lets in who knows the operator's password, by HTTP Basic with any user name; throws NotOperator for others. */
export function createAdminGate(password: string): RequestHandler {
  return async function gate({ headers }, res, next) {
    const given = passwordIn(headers.authorization);
    if (given !== null && isSame(given, password)) {
      next();
      return;
    }
    if (given !== null) await sleep(FAILURE_PAUSE_MS);
    res.set("WWW-Authenticate", 'Basic realm="chatops-server", charset="UTF-8"');
    throw new NotOperator("This needs the ADMIN_PASSWORD, by HTTP Basic with any user name.");
  };
}

function passwordIn(authorization: string | undefined): string | null {
  const [scheme = "", credentials = ""] = (authorization ?? "").split(" ");
  if (scheme.toLowerCase() !== "basic") return null;
  const text = Buffer.from(credentials, "base64").toString("utf8");
  return text.includes(":") ? text.slice(text.indexOf(":") + 1) : null;
}

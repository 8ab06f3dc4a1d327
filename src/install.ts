import { parseCookie } from "cookie";
import type { CookieOptions, Request, RequestHandler } from "express";
import { Malformed, NotSetUp } from "./errors.ts";
import type { Log } from "./log.ts";
import { installedPage } from "./pages/install.ts";
import type { Installer } from "./platforms/platform.ts";
import type { States } from "./states.ts";

export type InstallOptions = {
  /** null: chat.io is switched off. */
  installer: Installer | null;
  notSetUp: string;
  states: States;
  /** True when browsers reach us by https only. */
  isSecure: boolean;
  log: Log;
};

const COOKIE = "install_state";
const LONGEST_CODE = 2000;

/** The HTTP side of an installation: `start` sends the browser to consent, `finish` is where it comes back to. */
export function createInstall({ installer, notSetUp, states, isSecure, log }: InstallOptions) {
  // For the whole host: behind a proxy, CHATIO_REDIRECT_URI may have another path than /token.
  const cookie: CookieOptions = { httpOnly: true, sameSite: "lax", secure: isSecure, path: "/" };

  const start: RequestHandler = (_req, res) => {
    if (!installer) throw new NotSetUp(notSetUp);
    const state = states.issue();
    res.cookie(COOKIE, state, { ...cookie, maxAge: 600_000 });
    res.set("Cache-Control", "no-store").redirect(302, installer.consentUrl(state));
  };

  const finish: RequestHandler = async (req, res) => {
    if (!installer) throw new NotSetUp(notSetUp);
    res.set("Cache-Control", "no-store");
    const code = codeOf(req);
    checkState(req, states);
    res.clearCookie(COOKIE, cookie);
    log.info("An installation begins.");
    const { licenseId } = await installer.install(code);
    res.send(installedPage(licenseId));
  };

  return { start, finish };
}

function codeOf({ query: { code, error } }: Request): string {
  if (error !== undefined) throw new Malformed("chat.io reports that the installation was not allowed.");
  if (typeof code !== "string" || code === "")
    throw new Malformed("The address has no code from chat.io in it.");
  if (code.length > LONGEST_CODE) throw new Malformed("The code in the address is none of chat.io's.");
  return code;
}

/** Without a state the install link was typed by hand, which is allowed; a wrong one is not. */
function checkState({ query: { state }, headers }: Request, states: States): void {
  if (state === undefined) return;
  const kept = parseCookie(headers.cookie ?? "")[COOKIE];
  if (typeof state === "string" && states.redeem(state, kept)) return;
  throw new Malformed(
    "This installation was not begun in this browser, or was finished already, or took too long.",
  );
}

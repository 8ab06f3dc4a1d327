import { parseCookie } from "cookie";
import type { CookieOptions, Request, RequestHandler, Response } from "express";
import { type Hint, Malformed, NotSetUp, TooManyRequests } from "../errors.ts";
import type { Limit } from "../limits.ts";
import { createPauses } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Installer } from "../platforms/platform.ts";
import { installedPage } from "./pages/install.ts";
import type { States } from "./states.ts";

export type InstallOptions = {
  /** null: chat.io is switched off. */
  installer: Installer | null;
  notSetUp: string;
  states: States;
  /** For exchanges of codes that failed, each of which is a call to chat.io; each kind of installation has its own. */
  limits: {
    /** Begun at /install in this browser; beyond the limit each waits a second. */
    begun: Limit;
    /** The install link was typed by hand. */
    typed: Limit;
  };
  /** True when browsers reach us by https only. */
  isSecure: boolean;
  log: Log;
};

const COOKIE = "install_state";
const LONGEST_CODE = 2000;
/** Beyond the limit. Each is a call to chat.io after its second. */
const MOST_WAITING = 100;

/** The HTTP side of an installation: `start` sends the browser to consent, `finish` is where it comes back to. */
export function createInstall({ installer, notSetUp, states, limits, isSecure, log }: InstallOptions) {
  // For the whole host: behind a proxy, CHATIO_REDIRECT_URI may have another path than /token.
  const cookie: CookieOptions = { httpOnly: true, sameSite: "lax", secure: isSecure, path: "/" };

  const pauses = createPauses(MOST_WAITING);

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
    const state = stateOf(req, states);
    await (state === null ? limits.typed.count(req, res) : admitBegun(req, res));
    if (state !== null && !states.redeem(state, state)) throw notBegunHere();
    res.clearCookie(COOKIE, cookie);
    log.debug("An installation begins.");
    const { account } = await installer.install(code);
    res.send(installedPage(account));
  };

  /** Whoever began here may share an address with strangers who use up its limit, so it only costs time. */
  async function admitBegun(req: Request, res: Response): Promise<void> {
    try {
      await limits.begun.count(req, res);
    } catch (error) {
      if (!(error instanceof TooManyRequests) || !pauses.hasRoomFor(req.socket)) throw error;
      res.removeHeader("Retry-After");
      await pauses.wait(req.socket);
    }
  }

  return { start, finish };
}

const AGAIN = { path: "/install", link: "Start the installation again" };
const IN_ONE_GO = hint(
  "Nothing was installed this time. If a page has already told you that the Pizza BOT is installed, it is. Otherwise start again and finish in this browser within ten minutes.",
);
const CONSOLE = hint(
  "Nothing was installed. Ask whoever runs this server to check the app in the chat.io developers console: its redirect URI and scopes.",
);
const NOT_ALLOWED = hint(
  "Nothing was installed. If that was a mistake, start again and allow the app. Only an owner or administrator of the license can do so.",
);

function hint(advice: string): Hint {
  return { ...AGAIN, advice };
}

function codeOf({ query: { code, error } }: Request): string {
  if (error !== undefined) throw refusedBy(error);
  if (typeof code !== "string" || code === "")
    throw new Malformed("The address has no code from chat.io in it.", { hint: IN_ONE_GO });
  if (code.length > LONGEST_CODE)
    throw new Malformed("The code in the address is not from chat.io.", { hint: IN_ONE_GO });
  return code;
}

/** The errors that a consent page sends back with: RFC 6749, 4.1.2.1. */
function refusedBy(error: unknown): Malformed {
  if (error === "access_denied")
    return new Malformed("The Pizza BOT was not allowed at chat.io.", { hint: NOT_ALLOWED });
  return new Malformed("chat.io rejected the request to install.", {
    hint: CONSOLE,
  });
}

/** null: without a state the install link was typed by hand, which is allowed; a wrong one is not. */
function stateOf({ query: { state }, headers }: Request, states: States): string | null {
  if (state === undefined) return null;
  const kept = parseCookie(headers.cookie ?? "")[COOKIE];
  if (typeof state === "string" && states.isGood(state, kept)) return state;
  throw notBegunHere();
}

function notBegunHere(): Malformed {
  return new Malformed(
    "This installation was not started in this browser, is already finished, or took too long.",
    { hint: IN_ONE_GO },
  );
}

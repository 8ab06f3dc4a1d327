import { parseCookie } from "cookie";
import type { CookieOptions, Request, RequestHandler, Response } from "express";
import { Malformed, NotSetUp, TooManyRequests } from "../errors.ts";
import { createPauses, type Limit } from "../limits.ts";
import type { Log } from "../log.ts";
import type { InstallDescription, Installer, PlatformDescription } from "../platforms/platform.ts";
import { startAgain } from "./hints.ts";
import { installedPage } from "./pages/install.ts";
import type { States } from "./states.ts";

export type InstallOptions = {
  description: PlatformDescription;
  install: InstallDescription;
  /** null: the platform is not set up. */
  installer: Installer | null;
  states: States;
  /** For exchanges of codes that failed, each of which is a call to the platform; each kind of installation has its own. */
  limits: {
    /** Begun here in this browser; beyond the limit each waits a second. */
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
/** Beyond the limit. Each is a call to the platform after its second. */
const MOST_WAITING = 100;

/** The HTTP side of an installation: `start` sends the browser to consent, `finish` is where it comes back to. */
export function createInstall(options: InstallOptions) {
  const { description, install, installer, states, limits, isSecure, log } = options;
  const complaints = complaintsOf(description, install);
  // For the whole host: behind a proxy, the redirect URI may have another path than our route.
  const cookie: CookieOptions = { httpOnly: true, sameSite: "lax", secure: isSecure, path: "/" };

  const pauses = createPauses(MOST_WAITING);

  const start: RequestHandler = (_req, res) => {
    if (!installer) throw new NotSetUp(description.notSetUp);
    const state = states.issue();
    res.cookie(COOKIE, state, { ...cookie, maxAge: 600_000 });
    res.set("Cache-Control", "no-store").redirect(302, installer.consentUrl(state));
  };

  const finish: RequestHandler = async (req, res) => {
    if (!installer) throw new NotSetUp(description.notSetUp);
    res.set("Cache-Control", "no-store");
    const code = codeOf(req, complaints);
    const state = stateOf(req, states, complaints);
    await (state === null ? limits.typed.count(req, res) : admitBegun(req, res));
    if (state !== null && !states.redeem(state, state)) throw complaints.notBegunHere();
    res.clearCookie(COOKIE, cookie);
    log.debug("An installation begins.");
    const { account } = await installer.install(code);
    res.send(installedPage(description, install, account));
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

/** What is wrong with the address that a browser comes back to, each with what to do. */
function complaintsOf({ title, bot }: PlatformDescription, install: InstallDescription) {
  const malformed = (sentence: string, advice: string) =>
    new Malformed(sentence, { hint: { ...startAgain(install), advice } });
  const inOneGo = `Nothing was installed this time. If a page has already told you that the ${bot} is installed, it is. Otherwise start again and finish in this browser within ten minutes.`;
  return {
    noCode: () => malformed(`The address has no code from ${title} in it.`, inOneGo),
    notACode: () => malformed(`The code in the address is not from ${title}.`, inOneGo),
    notBegunHere: () =>
      malformed(
        "This installation was not started in this browser, is already finished, or took too long.",
        inOneGo,
      ),
    denied: () =>
      malformed(
        `The ${bot} was not allowed at ${title}.`,
        `Nothing was installed. If that was a mistake, start again and allow the app. Only an owner or administrator of the ${install.tenant} can do so.`,
      ),
    rejected: () =>
      malformed(
        `${title} rejected the request to install.`,
        `Nothing was installed. Ask whoever runs this server to check the app in the ${install.console}: its redirect URI and scopes.`,
      ),
  };
}

type Complaints = ReturnType<typeof complaintsOf>;

function codeOf({ query: { code, error } }: Request, complaints: Complaints): string {
  // The errors that a consent page sends back with: RFC 6749, 4.1.2.1.
  if (error === "access_denied") throw complaints.denied();
  if (error !== undefined) throw complaints.rejected();
  if (typeof code !== "string" || code === "") throw complaints.noCode();
  if (code.length > LONGEST_CODE) throw complaints.notACode();
  return code;
}

/** null: without a state the install link was typed by hand, which is allowed; a wrong one is not. */
function stateOf(
  { query: { state }, headers }: Request,
  states: States,
  { notBegunHere }: Complaints,
): string | null {
  if (state === undefined) return null;
  const kept = parseCookie(headers.cookie ?? "")[COOKIE];
  if (typeof state === "string" && states.isGood(state, kept)) return state;
  throw notBegunHere();
}

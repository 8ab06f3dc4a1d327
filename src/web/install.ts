import { html } from "@remix-run/html-template";
import { parseCookie } from "cookie";
import type { CookieOptions, Request, RequestHandler, Response } from "express";
import { Malformed, NotSetUp, TooManyRequests } from "../errors.ts";
import { decapitalized } from "../letter-case.ts";
import { createPauses, type Limit } from "../limits.ts";
import type { Log } from "../log.ts";
import { page } from "../pages/layout.ts";
import type { InstallDescription, Installer, PlatformDescription } from "../platforms/platform.ts";
import { startAgain } from "./pages/error.ts";
import type { States } from "./states.ts";

export type InstallOptions = {
  description: PlatformDescription;
  install: InstallDescription;
  /** null: the platform is not set up. */
  installer: Installer | null;
  states: States;
  /** Limits on failed exchanges of codes, each of which is a call to the platform; one per kind of installation. */
  limits: {
    /** Started here in this browser; above the limit, each waits a second. */
    started: Limit;
    /** Started by typing the install link by hand. */
    typed: Limit;
  };
  /** Whether browsers reach us by https only. */
  isSecure: boolean;
  log: Log;
};

const LONGEST_CODE = 2000;
/** How many may wait above the limit; each then calls the platform. */
const MOST_WAITING = 100;

/** The HTTP side of an installation: `start` sends the browser to the consent page; it comes back to `finish`. */
export function createInstall(options: InstallOptions) {
  const { description, install, installer, states, limits, isSecure, log } = options;
  const complaints = complaintsOf(description, install);
  const cookieName = `install_state_${description.name}`;
  // For the whole host, since behind a proxy the redirect URI may have a different path than our route.
  const cookie: CookieOptions = { httpOnly: true, sameSite: "lax", secure: isSecure, path: "/" };

  const pauses = createPauses(MOST_WAITING);

  const start: RequestHandler = (_req, res) => {
    if (!installer) throw new NotSetUp(description.notSetUp);
    const state = states.issue();
    res.cookie(cookieName, state, { ...cookie, maxAge: 600_000 });
    res.set("Cache-Control", "no-store").redirect(302, installer.consentUrl(state, states.verifierOf(state)));
  };

  const finish: RequestHandler = async (req, res) => {
    if (!installer) throw new NotSetUp(description.notSetUp);
    res.set("Cache-Control", "no-store");
    const code = codeOf(req, install, complaints);
    const state = stateOf(req);
    await (state === null ? limits.typed.count(req, res) : admitStarted(req, res));
    if (state !== null && !(await states.redeem(state, state))) throw complaints.notStartedHere();
    res.clearCookie(cookieName, cookie);
    log.debug("An installation starts.");
    const verifier = state === null ? null : states.verifierOf(state);
    const { account } = await installer.install(code, verifier);
    res.send(installedPage(description, install, account));
  };

  /** Strangers may use up the limit of an address that they share with this browser, so the limit only costs time here. */
  async function admitStarted(req: Request, res: Response): Promise<void> {
    try {
      await limits.started.count(req, res);
    } catch (error) {
      if (!(error instanceof TooManyRequests) || !pauses.hasRoomFor(req.socket)) throw error;
      res.removeHeader("Retry-After");
      await pauses.wait(req.socket);
    }
  }

  /** null: no state, so the installation started at the platform, or the link was typed by hand. Throws Malformed for a wrong state. */
  function stateOf({ query: { state }, headers }: Request): string | null {
    if (state === undefined || (state === "" && install.mayHaveEmptyState)) return null;
    const kept = parseCookie(headers.cookie ?? "")[cookieName];
    if (typeof state === "string" && states.isGood(state, kept)) return state;
    throw complaints.notStartedHere();
  }

  return { start, finish };
}

/** What a browser sees after a successful installation. */
export function installedPage(
  { bot, missed }: Pick<PlatformDescription, "bot" | "missed">,
  { tenant, whatNext }: InstallDescription,
  account: string,
): string {
  const content = html`
<p class="notice good">The ${bot} now works on ${tenant} <strong>${account}</strong>.</p>
${whatNext}
<p class="soft">If the bot worked here before and had stopped: ${decapitalized(missed)}</p>
<p class="row"><a class="button" href="/">Back to the start</a></p>`;
  return page({ title: `The ${bot} is installed`, content });
}

/** What may be wrong with the address at which the browser comes back, and what to do about it. */
function complaintsOf({ title, bot }: PlatformDescription, install: InstallDescription) {
  const malformed = (sentence: string, advice: string) =>
    new Malformed(sentence, { hint: { ...startAgain(install), advice } });
  const startAgainHere = `Nothing was installed this time. If a page has already told you that the ${bot} is installed, it is. Otherwise start again and finish in this browser within ten minutes.`;
  return {
    noCode: () => malformed(`The address contains no code from ${title}.`, startAgainHere),
    notACode: () => malformed(`The code in the address is not from ${title}.`, startAgainHere),
    notStartedHere: () =>
      malformed(
        "This installation was not started in this browser, is already finished, or took too long.",
        startAgainHere,
      ),
    denied: () =>
      malformed(
        `The ${bot} was not allowed at ${title}.`,
        `Nothing was installed. If that was a mistake, start again and allow the app. Only an owner or administrator of the ${install.tenant} can do so.`,
      ),
    notAdministrator: () =>
      malformed(
        `${title} lets only an administrator of the ${install.tenant} install the ${bot}.`,
        "Nothing was installed. Start again as an administrator, or send an administrator the link.",
      ),
    rejected: () =>
      malformed(
        `${title} rejected the request to install.`,
        `Nothing was installed. Ask whoever runs this server to check the app in the ${install.console}: its redirect URI and scopes.`,
      ),
  };
}

type Complaints = ReturnType<typeof complaintsOf>;

function codeOf({ query }: Request, { obstacles }: InstallDescription, complaints: Complaints): string {
  const name = ERROR_NAMES.map((one) => query[one]).find((error) => error !== undefined);
  if (name !== undefined) throw complaints[obstacleOf(name, obstacles)]();
  const { code } = query;
  if (typeof code !== "string" || code === "") throw complaints.noCode();
  if (code.length > LONGEST_CODE) throw complaints.notACode();
  return code;
}

/** The parameters in which a consent page names an error: RFC 6749, 4.1.2.1, and those that some platforms use instead. */
const ERROR_NAMES = ["error", "oauth_exception", "identity_exception"];

function obstacleOf(
  name: unknown,
  obstacles: InstallDescription["obstacles"],
): "denied" | "notAdministrator" | "rejected" {
  const obstacle = typeof name === "string" && Object.hasOwn(obstacles, name) ? obstacles[name] : null;
  if (obstacle === "refused") return "denied";
  return obstacle === "not_administrator" ? "notAdministrator" : "rejected";
}

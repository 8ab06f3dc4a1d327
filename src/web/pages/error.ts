import { html } from "@remix-run/html-template";
import {
  Forged,
  type Hint,
  Malformed,
  NoSuchJob,
  NotAllowed,
  NotOperator,
  NotSetUp,
  PlatformError,
  StoreError,
  TooManyRequests,
  WrongMethod,
} from "../../errors.ts";
import { page } from "../../pages/layout.ts";
import type { InstallDescription, Obstacle, PlatformDescription } from "../../platforms/platform.ts";

export type ErrorFacts = Explanation & {
  /** What happened. */
  sentence: string;
};

/** What a browser sees when something failed: what happened, and what to do next. */
export function errorPage({ title, sentence, hint }: ErrorFacts): string {
  const content = html`
<p class="notice bad">${sentence}</p>
<p>${hint.advice}</p>
<p class="row"><a class="button main" href="${hint.path}">${hint.link}</a></p>`;
  return page({ title, content });
}

/** What the page of an error says besides its sentence: a title, and what a person can do. */
export type Explanation = {
  readonly title: string;
  readonly hint: Hint;
  /** In place of what strangers may read. */
  readonly sentence?: string;
};
export type Explain = (error: unknown, status: number) => Explanation;

const START = { path: "/", link: "The server’s home page" };
const JOBS = { path: "/status#inbox", link: "See all jobs" };
const GONE = "A job is deleted 7 days after it was settled, or when somebody drops it.";
const STATUS = { path: "/status", link: "Open the status page again" };

const TITLES: Readonly<Record<number, string>> = {
  400: "Request failed",
  401: "Password needed",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  429: "Too many requests",
  503: "Not available right now",
};

/** Explains an error on any page. */
export const explain: Explain = (error, status) => ({
  title: TITLES[status] ?? "Something went wrong",
  hint: hintFor(error),
});

/** Explains an error to whoever runs this server: what the database itself says is for them. */
export const explainToOperator: Explain = (error, status) => {
  const general = explain(error, status);
  if (!(error instanceof StoreError)) return general;
  const advice = "Nothing was changed. Open the page again once that is over; npm run doctor looks for more.";
  return { ...general, sentence: error.message, hint: { ...STATUS, advice } };
};

/** Explains an error on the pages of an installation on this platform. */
export function explainInstall({ title }: PlatformDescription, install: InstallDescription): Explain {
  return (error, status) => {
    const general = explain(error, status);
    const withAdvice = (advice: string) => ({ ...general, hint: { ...START, advice } });
    if (error instanceof PlatformError) {
      const advice = `Nothing was installed. ${causeOf(error, title, install)}`;
      return { title: `${title} refused or did not answer`, hint: { ...startAgain(install), advice } };
    }
    if (error instanceof NotAllowed)
      return withAdvice(
        `Nothing was installed. Whoever runs this server decides which ${install.tenant}s may use it.`,
      );
    if (error instanceof NotSetUp)
      return withAdvice("Nothing was installed. Ask whoever runs this server when it will be ready.");
    return general;
  };
}

/** The link to the start of an installation. */
export function startAgain({ startPath }: InstallDescription): Pick<Hint, "path" | "link"> {
  return { path: startPath, link: "Start the installation again" };
}

/** The likely cause of a failed call, and what to do. */
function causeOf(error: PlatformError, title: string, install: InstallDescription): string {
  const { status, type, retryable } = error;
  const obstacle = type !== null && Object.hasOwn(install.obstacles, type) ? install.obstacles[type] : null;
  if (obstacle) return obstacleAdvice(obstacle, title, install);
  if (status === 401 || status === 403 || type === "authorization")
    return `The app may lack a scope: ask whoever runs this server to check its scopes in the ${install.console}.`;
  if (status === null || retryable)
    return `${title} may be down for a moment. Start again in a minute or two.`;
  return `Start again. If it keeps failing, ask whoever runs this server to check the app in the ${install.console}: its redirect URI and scopes.`;
}

function obstacleAdvice(obstacle: Obstacle, title: string, install: InstallDescription): string {
  const { console, credentials, tenant } = install;
  const stale = "Start again: each code works only once.";
  const compare = `ask whoever runs this server to compare ${credentials} with the ${console}`;
  const advice: Readonly<Record<Obstacle, string>> = {
    refused: "The app was not allowed. If that was a mistake, start again and allow it.",
    not_administrator: `Only an administrator of the ${tenant} can install it. Start again as one, or send one the link.`,
    stale_code: `The code was already used or has expired, or the redirect URI is not the registered one. ${stale}`,
    stale_code_or_app: `The code was already used or has expired. ${stale} If it keeps failing, ${compare}, and the redirect URI.`,
    unknown_app: `${title} does not know this app: ${compare}.`,
  };
  return advice[obstacle];
}

function hintFor(error: unknown): Hint {
  if (error instanceof Malformed && error.hint !== null) return error.hint;
  if (error instanceof Forged)
    return { ...STATUS, advice: "Nothing was changed. Open the page and try again there." };
  if (error instanceof NoSuchJob) return { ...JOBS, advice: GONE };
  return { ...START, advice: adviceOn(error) };
}

function adviceOn(error: unknown): string {
  if (error instanceof NotOperator)
    return "Load the page again and enter it. The demo prints it where it was started; on any other server it is the setting ADMIN_PASSWORD.";
  if (error instanceof TooManyRequests) return "Nothing is lost.";
  if (error instanceof WrongMethod) return "Go to the home page and try again from there.";
  if (error instanceof StoreError)
    return "Nothing is lost. Try again in a minute. If it keeps failing, ask whoever runs this server to run: npm run doctor";
  return "Try again later, or ask whoever runs this server.";
}

import { html } from "@remix-run/html-template";
import {
  Forged,
  type Hint,
  Malformed,
  NotAllowed,
  NotOperator,
  NotSetUp,
  PlatformError,
  StoreError,
  TooManyRequests,
  WrongMethod,
} from "../../errors.ts";
import { page } from "../../pages/layout.ts";
import type { InstallDescription, PlatformDescription } from "../../platforms/platform.ts";

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
export type Explanation = { readonly title: string; readonly hint: Hint };
export type Explain = (error: unknown, status: number) => Explanation;

const START = { path: "/", link: "Back to the start" };
const STATUS = { path: "/status", link: "Open the status page again" };

const TITLES: Readonly<Record<number, string>> = {
  400: "Request failed",
  401: "Password needed",
  403: "Not allowed",
  405: "Method not allowed",
  429: "Too many requests",
  503: "Not available right now",
};

/** Explains an error on any page. */
export const explain: Explain = (error, status) => ({
  title: TITLES[status] ?? "Something went wrong",
  hint: hintFor(error),
});

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

/** The likely cause of a failed call; error names from RFC 6749, 5.2. */
function causeOf(error: PlatformError, title: string, { console, credentials }: InstallDescription): string {
  const { status, type, retryable } = error;
  if (type === "invalid_grant")
    return "The code was already used or has expired, or the redirect URI is not the registered one. Start again: each code works only once.";
  if (type === "invalid_client" || type === "unauthorized_client")
    return `${title} does not know this app: ask whoever runs this server to compare ${credentials} with the ${console}.`;
  if (status === 401 || status === 403)
    return `The app may lack a scope: ask whoever runs this server to check its scopes in the ${console}.`;
  if (status === null || retryable)
    return `${title} may be down for a moment. Start again in a minute or two.`;
  return `Start again. If it keeps failing, ask whoever runs this server to check the app in the ${console}: its redirect URI and scopes.`;
}

function hintFor(error: unknown): Hint {
  if (error instanceof Malformed && error.hint !== null) return error.hint;
  if (error instanceof Forged)
    return { ...STATUS, advice: "Nothing was changed. Open the page and try again there." };
  return { ...START, advice: adviceOn(error) };
}

function adviceOn(error: unknown): string {
  if (error instanceof NotOperator)
    return "Reload the page and enter the password: the ADMIN_PASSWORD that the server was started with.";
  if (error instanceof TooManyRequests) return "Nothing is lost.";
  if (error instanceof WrongMethod) return "Go to the start page and try again from there.";
  if (error instanceof StoreError)
    return "Nothing is lost. Try again in a minute. If it keeps failing, ask whoever runs this server to run: npm run doctor";
  return "Try again later, or ask whoever runs this server.";
}

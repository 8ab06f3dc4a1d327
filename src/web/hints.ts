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
} from "../errors.ts";

const START = { path: "/", link: "Back to the start" };
const STATUS = { path: "/status", link: "Open the status page again" };
const INSTALL = { path: "/install", link: "Start the installation again" };

const TITLES: Readonly<Record<number, string>> = {
  400: "That did not work",
  401: "Password needed",
  403: "Not allowed",
  405: "Method not allowed",
  429: "Too many requests",
  502: "chat.io refused, or did not answer",
  503: "Not available right now",
};

export function titleFor(status: number): string {
  return TITLES[status] ?? "Something went wrong";
}

/** What a person in front of a page can do about an error. */
export function hintFor(error: unknown): Hint {
  if (error instanceof PlatformError)
    return { ...INSTALL, advice: `Nothing was installed. ${causeOf(error)}` };
  if (error instanceof Malformed && error.hint !== null) return error.hint;
  if (error instanceof Forged)
    return { ...STATUS, advice: "Nothing was changed. Open the page and try again there." };
  return { ...START, advice: adviceOn(error) };
}

/** What lies behind a call that failed during an installation; names of errors as in RFC 6749, 5.2. */
function causeOf({ status, type, retryable }: PlatformError): string {
  if (type === "invalid_grant")
    return "The code was already used or has expired, or the redirect URI is not the registered one. Start again: each code works only once.";
  if (type === "invalid_client" || type === "unauthorized_client")
    return "chat.io does not know this app: ask whoever runs this server to compare CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET with the developers console.";
  if (status === 401 || status === 403)
    return "The app may lack a scope: ask whoever runs this server to check its scopes in the chat.io developers console.";
  if (status === null || retryable)
    return "chat.io may be unavailable for a moment. Start again in a minute or two.";
  return "Start again. If it keeps failing, ask whoever runs this server to check the app in the chat.io developers console: its redirect URI and scopes.";
}

function adviceOn(error: unknown): string {
  if (error instanceof NotAllowed)
    return "Nothing was installed. Whoever runs this server decides which licenses may use it.";
  if (error instanceof NotSetUp)
    return "Nothing was installed. Ask whoever runs this server when it will be ready.";
  if (error instanceof NotOperator)
    return "Reload the page and enter the password: the ADMIN_PASSWORD that the server was started with.";
  if (error instanceof TooManyRequests) return "Nothing is lost.";
  if (error instanceof WrongMethod) return "Go to the start page and try again from there.";
  if (error instanceof StoreError)
    return "Nothing is lost. Try again in a minute. If it keeps failing, ask whoever runs this server to run: npm run doctor";
  return "Try again later, or ask whoever runs this server.";
}

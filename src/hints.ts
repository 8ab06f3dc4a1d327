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
} from "./errors.ts";

const START = { path: "/", link: "Back to the start" };
const STATUS = { path: "/status", link: "Open the status page again" };
const INSTALL = { path: "/install", link: "Begin the installation again" };

const TITLES: Readonly<Record<number, string>> = {
  400: "That did not work",
  401: "For the operator",
  403: "That is not allowed",
  405: "Not in this way",
  429: "Slowly, please",
  502: "chat.io did not go along",
  503: "Not available now",
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
    return "The code had been used already, or was too old, or the redirect URI is not the registered one. Begin again; a code is good for one try only.";
  if (type === "invalid_client" || type === "unauthorized_client")
    return "chat.io does not know this app: whoever runs this server may compare CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET with the developers console.";
  if (status === 401 || status === 403)
    return "The app may lack a scope: whoever runs this server may look at its scopes in the chat.io developers console.";
  if (status === null || retryable)
    return "chat.io may be away for a moment. Begin again in a minute or two.";
  return "Begin again; if it happens again, whoever runs this server may look at the app in the chat.io developers console: redirect URI and scopes.";
}

function adviceOn(error: unknown): string {
  if (error instanceof NotAllowed)
    return "Nothing was installed. Whoever runs this server decides which licenses may use it.";
  if (error instanceof NotSetUp)
    return "Nothing was installed. Whoever runs this server can say when it is ready.";
  if (error instanceof NotOperator)
    return "Load the page again and give the password. It is the one that the server was started with.";
  if (error instanceof TooManyRequests) return "Nothing is lost.";
  if (error instanceof WrongMethod) return "Begin at the start, and go on from there.";
  if (error instanceof StoreError)
    return "Nothing is lost. Try again in a minute. If it stays so, whoever runs this server finds out what is wrong with: npm run doctor";
  return "Try again later, or ask whoever runs this server.";
}

const secretNames = new Set([
  "access_token",
  "refresh_token",
  "token",
  "code",
  "code_verifier",
  "client_secret",
  "bot_secret",
  "secret_key",
  "secret",
]);

/** Shown in place of a secret. */
export const MASK = "•••";

/** A copy of a JSON value in which every secret is replaced by `replacement`, or left out if there is none. */
export function hideSecrets(value: unknown, replacement?: string): unknown {
  if (value === undefined) return undefined;
  return JSON.parse(JSON.stringify(value), (name, inner) => (secretNames.has(name) ? replacement : inner));
}

/** The path and query of an address as sent, with its secrets masked: "/token?token=•••". */
export function maskPath({ pathname, search }: URL): string {
  const query = search.slice(1).split("&").map(maskParameter).join("&");
  return query === "" ? pathname : `${pathname}?${query}`;
}

function maskParameter(parameter: string): string {
  const [name = ""] = new URLSearchParams(parameter).keys();
  return secretNames.has(name) ? `${name}=${MASK}` : parameter;
}

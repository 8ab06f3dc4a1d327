const secretNames = new Set([
  "access_token",
  "refresh_token",
  "token",
  "code",
  "client_secret",
  "secret_key",
  "secret",
]);

/** What is shown in place of a secret. */
export const MASK = "•••";

/** Whether what stands under this name, in a body or a query, is a token or another secret. */
export function isSecret(name: string): boolean {
  return secretNames.has(name);
}

/** A copy of a JSON value with `shown` in place of every secret at any depth; without `shown` they are left out. */
export function hideSecrets(value: unknown, shown?: string): unknown {
  if (value === undefined) return undefined;
  return JSON.parse(JSON.stringify(value), (name, inner) => (isSecret(name) ? shown : inner));
}

/** The path of an address with its query as it was sent, but for the secrets in it: "/token?token=•••". */
export function maskPath({ pathname, search }: URL): string {
  const query = search.slice(1).split("&").map(maskParameter).join("&");
  return query === "" ? pathname : `${pathname}?${query}`;
}

function maskParameter(parameter: string): string {
  const [name = ""] = new URLSearchParams(parameter).keys();
  return isSecret(name) ? `${name}=${MASK}` : parameter;
}

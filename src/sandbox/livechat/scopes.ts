/** What a scope lets the app do, in plain words, for those that the consent page may show. */
const meanings = new Map([
  ["agents-bot--my:rw", "Create, change and remove its own bots"],
  ["agents-bot--my:ro", "See its own bots"],
  ["agents-bot--all:ro", "See all bots"],
  ["groups--all:ro", "See the groups"],
  ["webhooks.state:rw", "Switch its webhooks on and off"],
  ["webhooks.state:ro", "See whether its webhooks are on"],
]);

/** What the app asks for, as the developer console would have it. */
export const defaultScopes: readonly string[] = ["agents-bot--my:rw", "groups--all:ro", "webhooks.state:rw"];

/** What every bot token carries. */
export const botScopes: readonly string[] = ["chats--access:rw", "agents-bot--my:rw", "customers:rw"];

/** The scopes with their meanings, for the consent page. */
export function explainScopes(scopes: readonly string[]): { name: string; meaning: string }[] {
  return scopes.map((name) => ({ name, meaning: meanings.get(name) ?? "Use this permission" }));
}

/** Whether one of the scopes allows what `needed` does: rw contains ro, and all contains access and my. */
export function allows(granted: readonly string[], needed: string): boolean {
  const want = parse(needed);
  return granted.map(parse).some(({ resource, range, right }) => {
    const isRange = range === want.range || range === "all";
    return resource === want.resource && isRange && (right === want.right || right === "rw");
  });
}

/** Reads "agents-bot--my:rw", or "customers:rw", which has no range. */
function parse(scope: string): { resource: string; range: string; right: string } {
  const [path = "", right = ""] = scope.split(":");
  const [resource = "", range = ""] = path.split("--");
  return { resource, range, right };
}

import type { Incoming } from "../endpoint.ts";
import type { Bot, Bots } from "./bots.ts";
import type { Organization, Organizations } from "./organizations.ts";
import { allows, botScopes } from "./scopes.ts";
import type { TokenBook } from "./tokens.ts";
import { API_VERSION, apiRefusal } from "./wire.ts";

/** A developer's personal access token. */
export type PersonalAccessToken = {
  accountId: string;
  token: string;
  /** Default: what managing the app's webhooks needs. */
  scopes?: readonly string[];
};

/** Identifies the caller. Each method refuses any other kind of token, and one without the scope. */
export type Callers = {
  /** An OAuth access token. */
  app(incoming: Incoming, scope: string): Organization;
  /** A bot token. */
  bot(incoming: Incoming, scope: string): { organization: Organization; bot: Bot };
  /** A bot token or an OAuth access token; without a bot if it is the latter. */
  botOrApp(incoming: Incoming, scope: string): { organization: Organization; bot?: Bot };
  /** A personal access token, sent with Basic. */
  developer(incoming: Incoming, scope: string): void;
  /** Any caller. Not documented; assumed: no token is needed, but one that is sent must be valid. */
  anybody(incoming: Incoming): void;
};

export function createCallers(context: {
  organizations: Organizations;
  bots: Bots;
  tokens: TokenBook;
  /** What the app's OAuth access tokens carry. */
  scopes: readonly string[];
  personalAccessToken?: PersonalAccessToken | undefined;
}): Callers {
  const { organizations, bots, tokens, personalAccessToken } = context;

  function findBotCaller({ token }: Incoming) {
    const access = tokens.findBotAccess(token);
    const bot = access && bots.find(access.organizationId, access.botId);
    return bot && { organization: organizations.get(bot.organizationId), bot };
  }

  function findDeveloper({ headers }: Incoming): PersonalAccessToken | undefined {
    if (personalAccessToken === undefined) return undefined;
    const { accountId, token } = personalAccessToken;
    const credentials = Buffer.from(`${accountId}:${token}`).toString("base64");
    return headers.authorization === `Basic ${credentials}` ? personalAccessToken : undefined;
  }

  function botOrApp(incoming: Incoming, scope: string): { organization: Organization; bot?: Bot } {
    requireVersion(incoming);
    const bot = findBotCaller(incoming);
    const organization = bot?.organization ?? tokens.findAccess(incoming.token)?.organization;
    if (organization === undefined) {
      if (findDeveloper(incoming)) throw missingScope(scope);
      throw apiRefusal("authentication", "Invalid access token");
    }
    requireService(incoming, organization);
    requireScope(bot ? botScopes : context.scopes, scope);
    return bot ?? { organization };
  }

  return {
    botOrApp,
    // Not documented; assumed: bots configure nothing, although their tokens carry a scope for it.
    app(incoming, scope) {
      const { organization, bot } = botOrApp(incoming, scope);
      if (bot !== undefined) throw apiRefusal("authorization", "Bots cannot call the Configuration API");
      return organization;
    },
    bot(incoming, scope) {
      const { organization, bot } = botOrApp(incoming, scope);
      if (bot === undefined) throw apiRefusal("authorization", "Only bots act in chats");
      return { organization, bot };
    },
    developer(incoming, scope) {
      requireVersion(incoming);
      const developer = findDeveloper(incoming);
      if (developer) return requireScope(developer.scopes ?? ["webhooks.configuration:rw"], scope);
      if (tokens.findAccess(incoming.token) ?? tokens.findBotAccess(incoming.token))
        throw missingScope(scope);
      throw apiRefusal("authentication", "Invalid access token");
    },
    anybody(incoming) {
      requireVersion(incoming);
      const isSent = incoming.headers.authorization !== undefined;
      const isKnown = tokens.findAccess(incoming.token) ?? findDeveloper(incoming);
      if (isSent && !isKnown) throw apiRefusal("authentication", "Invalid access token");
    },
  };
}

/** Refuses calls to the wrong data centre, and those for an organization whose license has expired. */
export function requireService(
  { headers }: Incoming,
  { region, needsRegion, isExpired }: Organization,
): void {
  if (needsRegion && headers["x-region"] !== region) {
    throw apiRefusal("misdirected_request", "Wrong region", { region });
  }
  if (isExpired) throw apiRefusal("license_expired", "License expired");
}

function requireVersion({ params: { version } }: Incoming): void {
  if (version !== API_VERSION) throw apiRefusal("unsupported_version", `version ${version} is not supported`);
}

function requireScope(granted: readonly string[], scope: string): void {
  if (!allows(granted, scope)) throw missingScope(scope);
}

function missingScope(scope: string) {
  return apiRefusal("authorization", `Missing scope \`${scope}\``);
}

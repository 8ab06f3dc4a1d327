import { randomUUID } from "node:crypto";
import { createConsentPages } from "../consent-page.ts";
import { createStandIn, type StandIn, type StandInOptions } from "../stand-in.ts";
import { createAccounts } from "./accounts.ts";
import { createAgentApi } from "./agent-api.ts";
import { type Bot, type BotGroup, createBots, createBotsApi, type RoutingStatus } from "./bots.ts";
import { createCallers, type PersonalAccessToken } from "./callers.ts";
import { type Chat, createChats } from "./chats.ts";
import { createConsent } from "./consent.ts";
import {
  createAnnounce,
  type DeliveryRecord,
  type LivechatDeliverySettings,
  livechatDelivery,
} from "./deliveries.ts";
import { createGroupsApi, createOrganizations } from "./organizations.ts";
import { createPeople, type LivechatPeople } from "./people.ts";
import { defaultScopes } from "./scopes.ts";
import { createTokenBook } from "./tokens.ts";
import { assumeUndocumented, type Undocumented } from "./undocumented.ts";
import {
  areWebhooksEnabled,
  createWebhooks,
  createWebhooksApi,
  type NewWebhook,
  newWebhook,
  type Webhook,
} from "./webhooks.ts";
import { accountsFailure, apiFailure, apiRefusal } from "./wire.ts";

export type LivechatOptions = StandInOptions & {
  clientId: string;
  clientSecret: string;
  /** As registered in the developer console. */
  redirectUri: string;
  /** As chosen in the developer console. Default: what the Pizza BOT needs. */
  scopes?: readonly string[];
  /** A developer's, for the app's webhooks. */
  personalAccessToken?: PersonalAccessToken;
  /** Seconds; default 8 hours. */
  tokenLifetimeS?: number;
  /** Seconds; default 24 hours. */
  botTokenLifetimeS?: number;
  /** What `expires_in` says of every token, if that is not the truth. */
  expiresIn?: number;
  /** Whether the consent page waits for a person's click. By default whoever is signed in agrees at once. */
  asksForConsent?: boolean;
};

/** A bot, as a test sees it. */
export type BotAgent = { id: string; name: string; status: RoutingStatus; groups: BotGroup[] };

/** Days (YYYY-MM-DD) in the answers' headers, for a version that nears its end. */
export type VersionNotice = { legacy?: string; deprecation?: string };

export type LivechatSandbox = StandIn<DeliveryRecord, LivechatDeliverySettings> &
  LivechatPeople & {
    accountsUrl: string;
    apiUrl: string;
    undocumented: Undocumented;
    versionNotice: VersionNotice;
    /** The first organization added is signed in. It has the group 0, General. */
    addOrganization(organizationId: string, email?: string): void;
    /** From now on this organization's agent visits the consent page. */
    signIn(organizationId: string): void;
    /** Whether the organization's agent is an administrator. By default it is. */
    setAdministrator(organizationId: string, isAdministrator: boolean): void;
    /** Returns the group's id. */
    addGroup(organizationId: string, name: string): number;
    /** From now on API calls must name this region. */
    setRegion(organizationId: string, region: string): void;
    /** Whether the organization's subscription is over. */
    setExpired(organizationId: string, isExpired: boolean): void;
    /** A code for the registered redirect URI, as an installation from the marketplace has it. Default: whoever is signed in. */
    issueCode(organizationId?: string): string;
    botAgents(organizationId: string): BotAgent[];
    /** As if a person had removed it at LiveChat. */
    removeBotAgent(organizationId: string, botId: string): void;
    /** As if it had been switched there. */
    setRoutingStatus(organizationId: string, botId: string, status: RoutingStatus): void;
    webhooks(): Webhook[];
    /** As register_webhook would; throws what that would refuse. */
    addWebhook(webhook: NewWebhook): Webhook;
    areWebhooksEnabled(organizationId: string): boolean;
    /** Access tokens are no longer valid, refresh tokens still are. */
    expireAccessTokens(organizationId?: string): void;
    expireBotTokens(organizationId?: string): void;
    /** Neither access nor refresh tokens are valid any more; bot tokens, which cannot be revoked, still are. */
    revokeAll(organizationId?: string): void;
  };

/** Starts a stand-in for LiveChat on 127.0.0.1, as strict as the platform is documented to be. */
export async function startLivechatSandbox(options: LivechatOptions): Promise<LivechatSandbox> {
  const standIn = createStandIn<DeliveryRecord, LivechatDeliverySettings>(
    "LiveChat",
    options,
    livechatDelivery,
  );
  const { app, onChange } = standIn;
  const { clientId, scopes = defaultScopes } = options;
  const undocumented = assumeUndocumented();
  const versionNotice: VersionNotice = {};
  const organizations = createOrganizations();
  const tokens = createTokenBook({
    accessS: options.tokenLifetimeS ?? 8 * 3600,
    botS: options.botTokenLifetimeS ?? 24 * 3600,
  });
  const bots = createBots(onChange);
  const chats = createChats();
  const webhooks = createWebhooks(onChange);
  const organizationOf = ({ organizationId }: Chat) => organizations.get(organizationId);
  const announce = createAnnounce({ ...standIn, organizationOf, bots, webhooks, undocumented });
  const callers = createCallers({ ...options, organizations, bots, tokens, scopes });
  const removeBot = (bot: Bot) => {
    chats.forget(bot.id);
    bots.remove(bot);
  };
  const people = createPeople({ organizations, chats, announce, onChange });
  const requireBot = (organizationId: string, botId: string): Bot => {
    const bot = bots.find(organizationId, botId);
    if (bot === undefined) throw new Error(`no bot ${botId} in organization ${organizationId}`);
    return bot;
  };

  const accounts = { ...options, scopes, organizations, tokens, undocumented, onChange };
  const pages = createConsentPages("LiveChat", options.redirectUri);
  app.use(createConsent({ ...accounts, pages, endpoint: standIn.visits(pages.fail) }));
  app.use(createAccounts({ ...accounts, endpoint: standIn.endpoints(accountsFailure) }));
  app.use((_req, res, next) => {
    res.set({ "x-debug-id": randomUUID(), ...versionNotice });
    next();
  });
  const endpoint = standIn.endpoints(apiFailure);
  const api = {
    clientId,
    tokens,
    bots,
    chats,
    webhooks,
    callers,
    announce,
    undocumented,
    onChange,
    endpoint,
  };
  app.use(createGroupsApi(api));
  app.use(createBotsApi({ ...api, findOrganization: organizations.find, removeBot }));
  app.use(createWebhooksApi(api));
  app.use(createAgentApi(api));
  app.use(
    endpoint("unknown", () => {
      throw apiRefusal("validation", "no such method");
    }),
  );
  const { origin, ...shared } = await standIn.open(() => ({
    ...apiRefusal("entity_too_large", "unreadable request").answer,
    headers: { "x-debug-id": randomUUID() },
  }));

  return {
    ...shared,
    accountsUrl: origin,
    apiUrl: origin,
    undocumented,
    versionNotice,
    addOrganization: organizations.add,
    signIn: organizations.signIn,
    setAdministrator(organizationId, isAdministrator) {
      organizations.get(organizationId).isAdministrator = isAdministrator;
    },
    addGroup: organizations.addGroup,
    setRegion(organizationId, region) {
      Object.assign(organizations.get(organizationId), { region, needsRegion: true });
    },
    setExpired(organizationId, isExpired) {
      organizations.get(organizationId).isExpired = isExpired;
    },
    issueCode(organizationId = organizations.signedIn()?.id) {
      if (organizationId === undefined) throw new Error("nobody is signed in: add an organization first");
      const organization = organizations.get(organizationId);
      return tokens.createCode({ organization, redirectUri: options.redirectUri });
    },
    ...people,
    botAgents: (organizationId) =>
      bots.list(organizationId).map(({ id, status, settings: { name, groups } }) => {
        return { id, name, status, groups };
      }),
    removeBotAgent: (organizationId, botId) => removeBot(requireBot(organizationId, botId)),
    setRoutingStatus: (organizationId, botId, status) =>
      bots.setStatus(requireBot(organizationId, botId), status),
    webhooks: () => webhooks.list().map((webhook) => ({ ...webhook })),
    addWebhook: (webhook) => webhooks.add(newWebhook.parse(webhook)),
    areWebhooksEnabled: (organizationId) => areWebhooksEnabled(organizations.get(organizationId)),
    expireAccessTokens(organizationId) {
      tokens.expireAccess(organizationId);
      onChange();
    },
    expireBotTokens(organizationId) {
      tokens.expireBotTokens(organizationId);
      onChange();
    },
    revokeAll(organizationId) {
      tokens.revokeAll(organizationId);
      onChange();
    },
  };
}

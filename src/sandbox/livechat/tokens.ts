import { randomBytes } from "node:crypto";
import type { Organization } from "./organizations.ts";

/** What the app sends with its request for consent, to prove at the exchange that it was the one who asked (PKCE). */
export type Challenge = { value: string; method: "S256" | "plain" };

/** What a code stands for. */
export type Grant = {
  organization: Organization;
  redirectUri: string;
  challenge?: Challenge | undefined;
  /** In ms since 1970. */
  expiresAt: number;
};

export type Access = {
  token: string;
  organization: Organization;
  refreshToken: string;
  /** In ms since 1970. */
  expiresAt: number;
};

export type BotAccess = { token: string; organizationId: string; botId: string; expiresAt: number };

/** Codes, access tokens and refresh tokens of the accounts server, and tokens of bots. */
export type TokenBook = {
  createCode(grant: Omit<Grant, "expiresAt">): string;
  /** A code can be redeemed once, within a few minutes. */
  redeemCode(code: string): Grant | undefined;
  issue(organization: Organization): Access;
  /** Issues a new access token; the refresh token stays. Undefined if it is not valid. */
  refresh(refreshToken: string): Access | undefined;
  /** The access token, while it is valid. */
  findAccess(token: string | undefined): Access | undefined;
  /** Revokes an access token with its refresh token, or a refresh token; false if there is no such token. */
  revoke(token: string): boolean;
  issueBotToken(organizationId: string, botId: string): BotAccess;
  /** The bot token, while it is valid. */
  findBotAccess(token: string | undefined): BotAccess | undefined;
  expireAccess(organizationId?: string): void;
  expireBotTokens(organizationId?: string): void;
  /** Neither access nor refresh tokens are valid any more. A bot token cannot be revoked. */
  revokeAll(organizationId?: string): void;
};

/** The most tokens of each kind per app and user. */
const TOKENS_PER_USER = 25;

// Not documented; assumed: the "few minutes" for which a code is good.
const CODE_LIFETIME_MS = 5 * 60_000;

export function createTokenBook(lifetimes: { accessS: number; botS: number }): TokenBook {
  const codes = new Map<string, Grant>();
  // In order of issue: the oldest is dropped when there are too many.
  const accesses = new Map<string, Access>();
  const refreshTokens = new Map<string, Organization>();
  const botAccesses = new Map<string, BotAccess>();

  function issueAccess(organization: Organization, refreshToken: string): Access {
    const token = `${organization.region}:${secret()}`;
    const access = {
      token,
      organization,
      refreshToken,
      expiresAt: Date.now() + lifetimes.accessS * 1000,
    };
    accesses.set(token, access);
    const held = [...accesses.values()].filter((one) => one.organization === organization);
    for (const oldest of held.slice(0, -TOKENS_PER_USER)) accesses.delete(oldest.token);
    return access;
  }

  const book: TokenBook = {
    createCode(grant) {
      const code = `${grant.organization.region}:${secret()}`;
      codes.set(code, { ...grant, expiresAt: Date.now() + CODE_LIFETIME_MS });
      return code;
    },
    redeemCode(code) {
      const grant = codes.get(code);
      codes.delete(code);
      return grant !== undefined && Date.now() < grant.expiresAt ? grant : undefined;
    },
    issue(organization) {
      const refreshToken = secret();
      refreshTokens.set(refreshToken, organization);
      const held = [...refreshTokens].filter(([, holder]) => holder === organization);
      for (const [oldest] of held.slice(0, -TOKENS_PER_USER)) refreshTokens.delete(oldest);
      return issueAccess(organization, refreshToken);
    },
    refresh(refreshToken) {
      const organization = refreshTokens.get(refreshToken);
      return organization && issueAccess(organization, refreshToken);
    },
    findAccess(token = "") {
      return whileValid(accesses.get(token));
    },
    revoke(token) {
      if (refreshTokens.delete(token)) return true;
      const access = book.findAccess(token);
      if (access === undefined) return false;
      refreshTokens.delete(access.refreshToken);
      return accesses.delete(token);
    },
    issueBotToken(organizationId, botId) {
      const expiresAt = Date.now() + lifetimes.botS * 1000;
      // Bot tokens look like JSON web tokens; nobody but the platform may read them.
      const access = { token: `${secret()}.${secret()}.${secret()}`, organizationId, botId, expiresAt };
      botAccesses.set(access.token, access);
      return access;
    },
    findBotAccess(token = "") {
      return whileValid(botAccesses.get(token));
    },
    expireAccess(organizationId) {
      for (const access of accesses.values()) {
        if (organizationId === undefined || access.organization.id === organizationId) access.expiresAt = 0;
      }
    },
    expireBotTokens(organizationId) {
      for (const access of botAccesses.values()) {
        if (organizationId === undefined || access.organizationId === organizationId) access.expiresAt = 0;
      }
    },
    revokeAll(organizationId) {
      book.expireAccess(organizationId);
      for (const [token, { id }] of refreshTokens) {
        if (organizationId === undefined || id === organizationId) refreshTokens.delete(token);
      }
    },
  };
  return book;
}

function whileValid<Token extends { expiresAt: number }>(token: Token | undefined): Token | undefined {
  return token !== undefined && Date.now() < token.expiresAt ? token : undefined;
}

function secret(): string {
  return randomBytes(24).toString("base64url");
}

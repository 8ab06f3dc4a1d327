import { randomBytes } from "node:crypto";

export type Access = {
  token: string;
  licenseId: number;
  refreshToken: string;
  /** In ms since 1970. */
  expiresAt: number;
};

/** The accounts server's codes, access tokens and refresh tokens. */
export type TokenBook = {
  createCode(licenseId: number, redirectUri: string): string;
  /** A code can be redeemed once. */
  redeemCode(code: string): { licenseId: number; redirectUri: string } | undefined;
  issue(licenseId: number): Access;
  /** Uses the refresh token up and issues a new one; undefined if it is not valid. */
  rotate(refreshToken: string): Access | undefined;
  /** The access token, while it is valid. */
  findAccess(token: string | undefined): Access | undefined;
  /** Revokes an access token with its refresh token, or a refresh token; false if there is no such token. */
  revoke(token: string): boolean;
  expireAccess(licenseId?: number): void;
  revokeAll(licenseId?: number): void;
};

const refreshTokensPerUser = 25;

export function createTokenBook(tokenLifetimeS: number): TokenBook {
  const codes = new Map<string, { licenseId: number; redirectUri: string }>();
  const accesses = new Map<string, Access>();
  // In order of issue: the oldest is dropped when there are too many.
  const refreshTokens = new Map<string, number>();

  const book: TokenBook = {
    createCode(licenseId, redirectUri) {
      // Real codes contain slashes, which must survive the callback's query.
      const code = `code/${secret()}/${licenseId}`;
      codes.set(code, { licenseId, redirectUri });
      return code;
    },
    redeemCode(code) {
      const grant = codes.get(code);
      codes.delete(code);
      return grant;
    },
    issue(licenseId) {
      const expiresAt = Date.now() + tokenLifetimeS * 1000;
      const access = { token: `1/${secret()}`, licenseId, refreshToken: `-/${secret()}`, expiresAt };
      accesses.set(access.token, access);
      refreshTokens.set(access.refreshToken, licenseId);
      const held = [...refreshTokens].filter(([, holder]) => holder === licenseId);
      for (const [token] of held.slice(0, -refreshTokensPerUser)) refreshTokens.delete(token);
      return access;
    },
    rotate(refreshToken) {
      const licenseId = refreshTokens.get(refreshToken);
      if (licenseId === undefined) return undefined;
      refreshTokens.delete(refreshToken);
      return book.issue(licenseId);
    },
    findAccess(token = "") {
      const access = accesses.get(token);
      return access !== undefined && Date.now() < access.expiresAt ? access : undefined;
    },
    revoke(token) {
      if (refreshTokens.delete(token)) return true;
      const access = book.findAccess(token);
      if (access === undefined) return false;
      refreshTokens.delete(access.refreshToken);
      return accesses.delete(token);
    },
    expireAccess(licenseId) {
      for (const access of accesses.values()) {
        if (licenseId === undefined || access.licenseId === licenseId) access.expiresAt = 0;
      }
    },
    revokeAll(licenseId) {
      book.expireAccess(licenseId);
      for (const [token, holder] of refreshTokens) {
        if (licenseId === undefined || holder === licenseId) refreshTokens.delete(token);
      }
    },
  };
  return book;
}

function secret(): string {
  return randomBytes(24).toString("base64url");
}

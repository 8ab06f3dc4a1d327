import { isIP, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ErrorRequestHandler, Request, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { Malformed, TooManyRequests, Unauthentic } from "./errors.ts";

const MINUTE_MS = 60_000;
const PAUSE_MS = 1000;

/** So many a minute from one address. */
export type Limit = {
  /** Counts the request. Throws TooManyRequests where it is one too many. */
  count(req: Request, res: Response): Promise<void>;
  /** Whether one more would be one too many. */
  isReached(req: Request): Promise<boolean>;
};

/** `uncounted` "successes": a request that is answered with less than 400 is not counted any more once it is. */
export function createLimit(perMinute: number, uncounted?: "successes"): Limit {
  const limit = rateLimit({
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    skipSuccessfulRequests: uncounted === "successes",
    keyGenerator: (req) => addressOf(req),
    handler: (_req, _res, next) => next(new TooManyRequests("Too many requests from this address.")),
  });
  return {
    count(req, res) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      void limit(req, res, (limited?: unknown) => (limited === undefined ? resolve() : reject(limited)));
      return promise;
    },
    async isReached(req) {
      const counted = await limit.getKey(addressOf(req));
      const isCurrent = counted?.resetTime !== undefined && counted.resetTime.getTime() > Date.now();
      return isCurrent && counted.totalHits >= perMinute;
    },
  };
}

/** What tells of who has sent a request; all of Express's Request that is needed. */
export type Sender = {
  readonly ip?: string | undefined;
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** As it can be limited or blocked: an IPv4 address, or the network of an IPv6 address, of /56 unless told otherwise. */
export function addressOf({ ip = "", socket: { remoteAddress } }: Sender, ipv6Prefix?: number): string {
  // What a proxy passes on need not be an address.
  const address = isIP(ip) ? ip : remoteAddress;
  return address === undefined ? "unknown" : ipKeyGenerator(address, ipv6Prefix);
}

/**
 * Only requests that are not genuine or malformed are counted, and only such are answered 429. Genuine ones come from the same
 * addresses, a tunnel's for instance, and must never be turned away.
 */
export function limitBadRequests(perMinute: number): ErrorRequestHandler {
  const limit = createLimit(perMinute);
  return async function onBadRequest(error: unknown, req, res, next) {
    // A sender that has gone meanwhile hears no answer.
    const isCounted = error instanceof Unauthentic || error instanceof Malformed;
    if (isCounted && !req.socket.destroyed) await limit.count(req, res);
    next(error);
  };
}

/** Requests that have to wait for their answer, so that trying again and again takes time and connections. */
export type Pauses = {
  /** Whether the connection may wait: one request at a time, and not too many connections in all. */
  hasRoomFor(socket: Socket): boolean;
  /** Resolves after a second. */
  wait(socket: Socket): Promise<void>;
};

/** `most`: connections that may wait at the same time. */
export function createPauses(most = Number.POSITIVE_INFINITY): Pauses {
  const waiting = new Set<Socket>();
  return {
    hasRoomFor: (socket) => waiting.size < most && !waiting.has(socket),
    async wait(socket) {
      waiting.add(socket);
      await sleep(PAUSE_MS);
      waiting.delete(socket);
    },
  };
}

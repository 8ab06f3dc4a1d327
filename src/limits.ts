import { isIP, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { ErrorRequestHandler, Request, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { Malformed, TooManyRequests, Unauthentic } from "./errors.ts";

const MINUTE_MS = 60_000;
const PAUSE_MS = 1000;

/** How many requests one address may send per minute. */
export type Limit = {
  /** Counts the request. Throws TooManyRequests when it exceeds the limit. */
  count(req: Request, res: Response): Promise<void>;
  /** Whether one more request would exceed the limit. */
  isReached(req: Request): Promise<boolean>;
};

/** `uncounted` "successes": a request answered with a status below 400 stops counting. */
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

/** Where a request comes from: the part of Express's Request that is needed here. */
export type Sender = {
  readonly ip?: string | undefined;
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** What limits and blocks apply to: an IPv4 address, or the network of an IPv6 address, /56 by default. */
export function addressOf({ ip = "", socket: { remoteAddress } }: Sender, ipv6Prefix?: number): string {
  // A proxy may pass on something that is not an address.
  const address = isIP(ip) ? ip : remoteAddress;
  return address === undefined ? "unknown" : ipKeyGenerator(address, ipv6Prefix);
}

/**
 * Counts only requests that were refused as not genuine or malformed, and answers 429 to those only. Genuine ones may come
 * from the same address, a tunnel's for instance, and must never be turned away.
 */
export function limitBadRequests(perMinute: number): ErrorRequestHandler {
  const limit = createLimit(perMinute);
  return async function onBadRequest(error: unknown, req, res, next) {
    // A sender that has hung up cannot be answered.
    const isCounted = error instanceof Unauthentic || error instanceof Malformed;
    if (isCounted && !req.socket.destroyed) await limit.count(req, res);
    next(error);
  };
}

/** Delays answers, so that repeated tries cost time and connections. */
export type Pauses = {
  /** Whether the connection may wait: one request at a time, and a limited number of connections. */
  hasRoomFor(socket: Socket): boolean;
  /** Resolves after a second. */
  wait(socket: Socket): Promise<void>;
};

/** `most`: how many connections may wait at the same time. */
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

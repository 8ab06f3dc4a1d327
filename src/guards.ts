import { isIP } from "node:net";
import type { ErrorRequestHandler } from "express";
import { ipKeyGenerator, type RateLimitRequestHandler, rateLimit } from "express-rate-limit";
import { Malformed, TooManyRequests, Unauthentic } from "./errors.ts";

const MINUTE_MS = 60_000;

/** For routes that a person opens now and then: so many requests a minute from one address. */
export function limitRequests(perMinute: number): RateLimitRequestHandler {
  return rateLimit({
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    // What a proxy passes on need not be an address.
    keyGenerator: ({ ip = "", socket }) => ipKeyGenerator(isIP(ip) ? ip : (socket.remoteAddress ?? "")),
    handler: (_req, _res, next) => next(new TooManyRequests("Too many requests from this address.")),
  });
}

/**
 * For deliveries: only refused ones are counted, and only refused ones are answered 429. Genuine ones come from the same
 * addresses, a tunnel's for instance, and must never be turned away.
 */
export function limitRefusals(perMinute: number): ErrorRequestHandler {
  const limit = limitRequests(perMinute);
  return function onRefusal(error: unknown, req, res, next) {
    // A sender that has gone meanwhile has no address to count it by, and hears no answer.
    const isCounted = error instanceof Unauthentic || error instanceof Malformed;
    if (!isCounted || req.socket.destroyed) {
      next(error);
      return;
    }
    void limit(req, res, (limited: unknown) => next(limited instanceof TooManyRequests ? limited : error));
  };
}

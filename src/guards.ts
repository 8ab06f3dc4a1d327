import { createHash } from "node:crypto";
import { BlockList, isIP } from "node:net";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { type RateLimitRequestHandler, rateLimit } from "express-rate-limit";
import helmet from "helmet";
import { Malformed, TooManyRequests, Unauthentic } from "./errors.ts";
import { STYLE } from "./pages/layout.ts";

const MINUTE_MS = 60_000;

/** Headers that keep browsers from doing with our answers what they are not for. Styles are ours alone, scripts none. */
export function createHeaders(isSecure: boolean): RequestHandler {
  const style = createHash("sha256").update(STYLE.html).digest("base64");
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [`'sha256-${style}'`],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: isSecure,
  });
}

/** For routes that a person opens now and then: so many requests a minute from one address. */
export function limitRequests(perMinute: number): RateLimitRequestHandler {
  return rateLimit({
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
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
    if (!(error instanceof Unauthentic || error instanceof Malformed)) {
      next(error);
      return;
    }
    void limit(req, res, (limited: unknown) => next(limited ?? error));
  };
}

/**
 * Whose word on the sender's address (`X-Forwarded-For`) is taken: that of the last hop before us, when it is one of these
 * addresses; nobody's further away. "loopback", "none", an address, or a network as CIDR.
 */
export function trustedProxy(setting: string): (address: string, hop: number) => boolean {
  const trusted = new BlockList();
  if (setting === "loopback") {
    trusted.addSubnet("127.0.0.0", 8, "ipv4");
    trusted.addAddress("::1", "ipv6");
  } else if (setting !== "none") {
    const [address = "", bits] = setting.split("/");
    if (bits === undefined) trusted.addAddress(address, family(address));
    else trusted.addSubnet(address, Number(bits), family(address));
  }
  return (address, hop) => hop === 0 && isIP(address) !== 0 && trusted.check(address, family(address));
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

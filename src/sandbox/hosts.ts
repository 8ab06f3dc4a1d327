import type { IncomingHttpHeaders } from "node:http";
import type { RequestHandler } from "express";

const ownHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/**
 * Answers 421 to every request that is not made to this machine by one of its own names. A page of another site can
 * have its own name lead here (DNS rebinding), and would then be let in as if it were ours.
 */
export const refuseOtherHosts: RequestHandler = (req, res, next) => {
  if (ownHost.test(req.headers.host ?? "")) return next();
  res.status(421).type("text").send("Only 127.0.0.1, localhost and [::1] are answered here.\n");
};

/** Answers 403 to every request that may change something and that a browser makes for a page of another origin. */
export const refuseOtherOrigins: RequestHandler = (req, res, next) => {
  const isReading = req.method === "GET" || req.method === "HEAD";
  if (isReading || !isFromElsewhere(req.headers)) return next();
  res.status(403).type("text").send("Requests from pages of other origins are refused here.\n");
};

/**
 * The server and the commands are no browsers and send neither header. Sec-Fetch-Site is asked first: the Origin of a
 * form on a page that sends no referrer is "null", wherever it comes from.
 */
function isFromElsewhere({ origin, host, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  if (origin === undefined) return false;
  return host === undefined || URL.parse(origin)?.host !== host;
}

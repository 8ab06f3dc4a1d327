import type { Socket } from "node:net";
import { parse } from "basic-auth";
import type { RequestHandler } from "express";
import { NotOperator, TooManyRequests } from "../errors.ts";
import { createLimit, createPauses } from "../limits.ts";
import { isSame } from "../secrets.ts";

/** Per address. People mistype now and then; a scraper with an old password asks every few seconds. */
const WRONG_PER_MINUTE = 30;
/** Connections on which a wrong password is waiting for its answer. One set for the process: http-server.ts asks isGuess. */
const guesses = new WeakSet<Socket>();

/** Whether a wrong password is waiting on this connection. http-server.ts closes such connections first. */
export function isGuess(socket: Socket): boolean {
  return guesses.has(socket);
}

/**
 * Checks the operator's password, given by HTTP Basic with any user name. Throws NotOperator, or TooManyRequests after too many
 * wrong ones from one address. The right password always gets in, since the operator may share an address with strangers.
 * Above the limit, right and wrong passwords both wait a second, so guessing is slow. If connections run out, waiting wrong
 * ones are closed first (http-server.ts). Requests without a password are not limited: a browser asks for it only after a 401.
 * Against forms of other sites (CSRF), status.ts checks a token of its own.
 */
export function createOperatorGate(password: string): RequestHandler {
  const wrong = createLimit(WRONG_PER_MINUTE);
  const pauses = createPauses();

  return async function gate(req, res, next) {
    const given = passwordIn(req.headers.authorization);
    if (given === null) throw refused();
    if (!pauses.hasRoomFor(req.socket))
      throw new TooManyRequests("Only one password at a time can be tried on a connection.");
    const isRight = isSame(given, password);
    if (isRight && !(await wrong.isReached(req))) {
      next();
      return;
    }

    if (!isRight) guesses.add(req.socket);
    const counted = isRight ? null : wrong.count(req, res);
    await Promise.allSettled([counted, pauses.wait(req.socket)]);
    guesses.delete(req.socket);
    await counted;
    if (!isRight) throw refused();
    next();

    function refused(): NotOperator {
      res.set("WWW-Authenticate", 'Basic realm="chatops-server", charset="UTF-8"');
      return new NotOperator("This needs the operator’s password. Any user name will do.", {
        wasGiven: given !== null,
      });
    }
  };
}

/** For routes of which strangers see less: without a password, skips the rest of the route. */
export const onlyWithPassword: RequestHandler = ({ headers }, _res, next) => {
  if (passwordIn(headers.authorization) === null) next("route");
  else next();
};

function passwordIn(authorization: string | undefined): string | null {
  return parse(authorization ?? "")?.pass ?? null;
}

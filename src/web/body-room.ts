import express, { type RequestHandler } from "express";
import { TooBusy } from "../errors.ts";

const KILOBYTE = 1024;
const JSON_TYPES = ["application/json", "+json"];
const LONGEST_BODY = 1024 * KILOBYTE;
/** Webhooks are a few kB. Bodies up to this size are not counted: the number of connections bounds them. */
const SMALL_BODY = 32 * KILOBYTE;
/** Half of the 64 MB that bodies may take up. The other half is 32 kB for each of 1,024 connections (server.ts). */
const ROOM_FOR_LARGE = 32 * 1024 * KILOBYTE;
const RETRY_AFTER_S = 5;

type Body = {
  readonly bytes: number;
  isRead: boolean;
  /** Called when it has to make room; it has left already. */
  readonly giveWay: () => void;
};

export type BodyRoom = {
  /**
   * Takes in a body. When there is no room left, those that have been underway longest give way. False: all others are
   * read already, so this one has given way itself.
   */
  enter(body: Body): boolean;
  /** For each body that has entered; once more does no harm. */
  leave(body: Body): void;
  /** Bytes. */
  held(): number;
};

export function createBodyRoom(most = ROOM_FOR_LARGE): BodyRoom {
  const bodies = new Set<Body>();
  let held = 0;

  function leave(body: Body): void {
    if (bodies.delete(body)) held -= body.bytes;
  }

  return {
    leave,
    held: () => held,
    enter(body) {
      bodies.add(body);
      held += body.bytes;
      for (const one of bodies) {
        if (held <= most) break;
        if (one.isRead) continue;
        leave(one);
        one.giveWay();
      }
      return bodies.has(body);
    },
  };
}

/**
 * Reads the bodies of deliveries as bytes, where they are JSON of at most 1 MB. Large ones share a room; who has to leave it
 * fails with TooBusy. So strangers with half-sent bodies can neither fill the memory nor keep out who sends a whole one.
 */
export function createBodyReader(room: BodyRoom): RequestHandler {
  const readBytes = express.raw({ type: () => true, limit: LONGEST_BODY, inflate: false });

  return function readBody(req, res, next) {
    if (!req.is(JSON_TYPES)) {
      next();
      return;
    }
    // Node.js has checked that it is a number.
    const { "content-length": header } = req.headers;
    const length = header === undefined ? null : Number(header);
    // More than the longest is refused without being kept.
    if (length !== null && (length <= SMALL_BODY || length > LONGEST_BODY)) {
      readBytes(req, res, next);
      return;
    }

    let hasEnded = false;
    const end = (error?: unknown) => {
      if (hasEnded) return;
      hasEnded = true;
      next(error);
    };
    const body: Body = {
      bytes: length ?? LONGEST_BODY,
      isRead: false,
      giveWay() {
        res.set("Retry-After", String(RETRY_AFTER_S));
        end(new TooBusy("Too many large deliveries are underway. Send this one again later."));
        // The reader lets go of what it has kept, as when the sender breaks off, and only reads off the rest: to close the
        // connection while a sender still writes would keep the answer from arriving.
        req.emit("aborted");
      },
    };
    res.once("close", () => room.leave(body));
    if (length === null) onceLarge(req, () => room.enter(body));
    else if (!room.enter(body)) return;
    readBytes(req, res, (error?: unknown) => {
      body.isRead = true;
      end(error);
    });
  };
}

/** Calls once the body turns out not to be small. */
function onceLarge(req: NodeJS.ReadableStream, act: () => void): void {
  let received = 0;
  const count = (chunk: Buffer) => {
    received += chunk.length;
    if (received <= SMALL_BODY) return;
    req.off("data", count);
    act();
  };
  req.on("data", count);
}

import express, { type RequestHandler } from "express";
import { TooBusy } from "../errors.ts";

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;
const JSON_TYPES = ["application/json", "+json"];
/** 1 MB. */
const LONGEST_BODY = MEGABYTE;
/** Webhooks are a few kB. Bodies up to this size are not counted: the number of connections bounds them. */
export const SMALL_BODY = 32 * KILOBYTE;
/** Half of the 64 MB that bodies may use. The other half is for the small bodies of all connections (http-server.ts). */
export const ROOM_FOR_LARGE = 32 * MEGABYTE;
const RETRY_AFTER_S = 5;

type Body = {
  readonly bytes: number;
  isRead: boolean;
  /** Called after the body was put out of the room, to end its request. */
  readonly giveWay: () => void;
};

export type BodyRoom = {
  /**
   * Lets a body in. If there is no room left, those that have been arriving longest give way; one that is read completely
   * never does. False: nothing else could give way any more, so this body is refused.
   */
  enter(body: Body): boolean;
  /** To be called for each body that has entered; calling it again does no harm. */
  leave(body: Body): void;
  /** How many bytes are in the room. */
  bytes(): number;
};

export function createBodyRoom(most = ROOM_FOR_LARGE): BodyRoom {
  const bodies = new Set<Body>();
  let bytes = 0;

  function leave(body: Body): void {
    if (bodies.delete(body)) bytes -= body.bytes;
  }

  return {
    leave,
    bytes: () => bytes,
    enter(body) {
      bodies.add(body);
      bytes += body.bytes;
      for (const one of bodies) {
        if (bytes <= most) break;
        if (one.isRead) continue;
        leave(one);
        one.giveWay();
      }
      return bodies.has(body);
    },
  };
}

/**
 * Reads the bodies of deliveries as bytes if they are JSON of at most 1 MB. Large bodies share a room; one that must leave it
 * fails with TooBusy. So strangers with half-sent bodies can neither fill the memory nor keep complete deliveries out.
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
    // A body above the limit is refused without being buffered.
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
        end(new TooBusy("Too many large deliveries are being received. Send this one again later."));
        // The reader drops its buffer, as if the sender had broken off, and discards the rest: closing the connection while
        // the sender is still writing would keep the answer from arriving.
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

/** Calls `act` once the body turns out to be large. */
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

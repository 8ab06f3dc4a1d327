import { constants, fstatSync, openSync } from "node:fs";
import type { DestinationStream } from "pino";
import sonicBoom, { type SonicBoom } from "sonic-boom";
import { visibleLines } from "./visible.ts";

/** Bytes of lines that wait to be written; what comes after them is dropped. */
const MOST_PENDING = 1_000_000;
const RETRY_MS = 100;
/** At the end of the process: 250 ms in all for what is pending. */
const LAST_RETRIES = 25;
const LAST_RETRY_MS = 10;
const STANDARD_OUTPUT = 1;

/** Where the log goes. Nobody ever waits for it, and it never throws. */
export type LogOutput = DestinationStream & {
  /** How many lines were dropped since the start. */
  dropped(): number;
  /** Calls back once nothing is pending any more, and after 250 ms at the latest. `log.flush()` of pino calls it. */
  flush(done: () => void): void;
};

/**
 * Writes lines at once, so that the last ones are there when the process ends or crashes. Where the reader has
 * stopped reading or the disk is full, up to 1 MB is kept, further lines are dropped, and it tries again every 100 ms;
 * the first line after those that were kept says how many are missing. `open` gives a descriptor on which writing
 * never waits; it is called when there is something to write.
 */
export function createLogOutput(open: () => number = openStandardOutput): LogOutput {
  let stream: SonicBoom | null = null;
  let isStuck = false;
  let dropped = 0;
  /** Of these, those that no line has told of yet. */
  let untold = 0;
  let isRetryDue = false;

  const retryLater = () => {
    if (isRetryDue) return;
    isRetryDue = true;
    setTimeout(() => {
      isRetryDue = false;
      retry();
    }, RETRY_MS).unref();
  };
  const drop = () => {
    dropped += 1;
    untold += 1;
    retryLater();
  };
  const opened = () => {
    if (stream) return stream;
    // Its flushSync would go on for ever on a full disk: it is never called.
    stream = new sonicBoom.SonicBoom({
      fd: open(),
      sync: true,
      maxLength: MOST_PENDING,
      // Without this it would sleep until the reader reads.
      retryEAGAIN: () => false,
    });
    stream.on("error", () => {
      isStuck = true;
      retryLater();
    });
    return stream.on("drop", drop);
  };
  const retry = () => {
    isStuck = false;
    opened().write("");
    if (isStuck || untold === 0) return;
    const lines = untold;
    untold = 0;
    opened().write(lineAbout(lines));
  };

  return {
    write(line) {
      // Once a line is missing none may follow before the one that says so.
      if (untold > 0) drop();
      else opened().write(visibleLines(line));
    },
    dropped: () => dropped,
    flush(done) {
      const tryAgain = (retriesLeft: number) => {
        if (isStuck || untold > 0) retry();
        if (!isStuck || retriesLeft === 0) done();
        else setTimeout(tryAgain, LAST_RETRY_MS, retriesLeft - 1);
      };
      tryAgain(LAST_RETRIES);
    },
  };
}

function lineAbout(dropped: number): string {
  const msg = `${dropped} lines of the log were dropped here: they could not be written.`;
  return `${JSON.stringify({ level: 40, time: Date.now(), dropped, msg })}\n`;
}

/**
 * Opens standard output anew, where that is possible: a pipe or terminal that others write to as well keeps its mode,
 * and writing to ours gives EAGAIN instead of waiting. Writing to a file waits for nobody.
 */
function openStandardOutput(): number {
  if (fstatSync(STANDARD_OUTPUT).isFile()) return STANDARD_OUTPUT;
  try {
    return openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // A socket, as systemd gives it, or not Linux. Node sets O_NONBLOCK once the stream exists, but not on a terminal.
    return process.stdout.fd;
  }
}

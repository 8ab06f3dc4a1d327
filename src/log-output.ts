import { constants, fstatSync, openSync } from "node:fs";
import type { DestinationStream } from "pino";
import sonicBoom, { type SonicBoom } from "sonic-boom";
import type { LogText } from "./log-text.ts";
import { visibleLines } from "./visible.ts";

/** Bytes of unwritten lines that are kept; further lines are dropped. */
const MOST_PENDING = 1_000_000;
const RETRY_MS = 100;
/** At exit: 250 ms in all to write what is pending. */
const LAST_RETRIES = 25;
const LAST_RETRY_MS = 10;
const STANDARD_OUTPUT = 1;

/** Where the log goes. A write never blocks and never throws. */
export type LogOutput = DestinationStream & {
  /** How many lines were dropped since the start. */
  dropped(): number;
  /** Calls back once nothing is pending, after 250 ms at the latest. Called by pino's `log.flush()`. */
  flush(done: () => void): void;
};

/**
 * Writes lines at once, so that none is lost when the process ends or crashes. When the reader stops reading or the disk
 * is full, up to 1 MB is kept, further lines are dropped, and the write is retried every 100 ms; the first line after the
 * kept ones says how many are missing. `textOf` makes what is written of each line. `open` returns a descriptor on which
 * writing never blocks; it is called at the first write.
 */
export function createLogOutput(
  textOf: LogText = visibleLines,
  open: () => number = openStandardOutput,
): LogOutput {
  let stream: SonicBoom | null = null;
  let isStuck = false;
  let dropped = 0;
  /** Dropped lines that the log does not mention yet. */
  let unreported = 0;
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
    unreported += 1;
    retryLater();
  };
  const opened = () => {
    if (stream) return stream;
    // Never call its flushSync: on a full disk it does not return.
    stream = new sonicBoom.SonicBoom({
      fd: open(),
      sync: true,
      maxLength: MOST_PENDING,
      // By default it would block until the reader reads.
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
    if (isStuck || unreported === 0) return;
    const lines = unreported;
    unreported = 0;
    opened().write(textOf(droppedLine(lines)));
  };

  return {
    write(line) {
      // After a gap, the next line must be the one that reports it.
      if (unreported > 0) drop();
      else opened().write(textOf(line));
    },
    dropped: () => dropped,
    flush(done) {
      const tryAgain = (retriesLeft: number) => {
        if (isStuck || unreported > 0) retry();
        if (!isStuck || retriesLeft === 0) done();
        else setTimeout(tryAgain, LAST_RETRY_MS, retriesLeft - 1);
      };
      tryAgain(LAST_RETRIES);
    },
  };
}

function droppedLine(dropped: number): string {
  const msg = `${dropped} log lines were dropped here: they could not be written.`;
  return `${JSON.stringify({ level: 40, time: Date.now(), dropped, msg })}\n`;
}

/**
 * Opens standard output a second time, non-blocking: our writes then fail with EAGAIN, and other programs on the same terminal
 * keep their blocking mode. A file has no reader to wait for.
 */
function openStandardOutput(): number {
  if (fstatSync(STANDARD_OUTPUT).isFile()) return STANDARD_OUTPUT;
  try {
    return openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // A socket (under systemd), or not Linux. Node sets O_NONBLOCK once the stream exists, but not on a terminal.
    return process.stdout.fd;
  }
}

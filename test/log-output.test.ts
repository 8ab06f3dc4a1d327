import { execFileSync } from "node:child_process";
import { closeSync, constants, copyFileSync, openSync, readFileSync, readSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createLogOutput } from "../src/log-output.ts";
import { stopClock } from "./support/clock.ts";
import { temporaryFolder } from "./support/store.ts";

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/** A named pipe with a non-blocking writer, and readers one after the other. */
function createPipe() {
  const path = join(temporaryFolder(), "log");
  execFileSync("mkfifo", [path]);
  const readers: number[] = [];
  const openReader = () => void readers.push(openSync(path, O_RDONLY | O_NONBLOCK));
  const closeReader = () => void readers.splice(0).map(closeSync);
  openReader();
  const writer = openSync(path, O_WRONLY | O_NONBLOCK);
  onTestFinished(() => {
    closeReader();
    closeSync(writer);
  });
  return {
    output: createLogOutput(undefined, () => writer),
    openReader,
    closeReader,
    /** What is in the pipe now. */
    read(): string {
      const bytes = Buffer.alloc(1_000_000);
      try {
        return bytes.toString("utf8", 0, readSync(readers[0] ?? -1, bytes));
      } catch {
        return "";
      }
    },
  };
}

const line = (n: number) => `${JSON.stringify({ n, filling: "x".repeat(990) })}\n`;

/** Reads what is pending to its end. */
async function readAll({ read }: ReturnType<typeof createPipe>): Promise<unknown[]> {
  let text = "";
  for (let n = 0; n < 40; n += 1) {
    text += read();
    await vi.advanceTimersByTimeAsync(100);
  }
  return text
    .trimEnd()
    .split("\n")
    .map((each) => JSON.parse(each));
}

test("a line is written at once, and when nothing is pending, the exit does not wait", () => {
  const { output, read } = createPipe();
  output.write(line(1));
  expect(read()).toBe(line(1));
  expect(output.dropped()).toBe(0);
  const done = vi.fn();
  output.flush(done);
  expect(done).toHaveBeenCalledOnce();
});

test("a megabyte of unwritten lines is kept and the rest dropped; a line says how many are missing", async () => {
  stopClock();
  const pipe = createPipe();
  for (let n = 0; n < 3000; n += 1) pipe.output.write(line(n));
  // There may be room for a short line, but it would come before the one that reports the gap.
  pipe.output.write('{"n":3000}\n');
  const dropped = pipe.output.dropped();
  expect(dropped).toBeGreaterThan(1800);
  expect(dropped).toBeLessThan(2000);

  const lines = await readAll(pipe);
  pipe.output.write(line(9000));

  const kept = Array.from({ length: 3001 - dropped }, (_, n) => expect.objectContaining({ n }));
  expect(lines).toEqual([...kept, expect.objectContaining({ level: 40, dropped })]);
  expect(pipe.read()).toBe(line(9000));
  expect(pipe.output.dropped()).toBe(dropped);
});

test("a reader that leaves loses nothing: the next one gets the lines", async () => {
  stopClock();
  const pipe = createPipe();
  pipe.closeReader();
  for (let n = 0; n < 5; n += 1) pipe.output.write(line(n));
  await vi.advanceTimersByTimeAsync(1000);
  pipe.openReader();
  expect(await readAll(pipe)).toHaveLength(5);
  expect(pipe.output.dropped()).toBe(0);
});

test("a full disk throws nothing, and delays the exit by a quarter of a second at most", async () => {
  stopClock();
  const full = openSync("/dev/full", O_WRONLY);
  onTestFinished(() => closeSync(full));
  const output = createLogOutput(undefined, () => full);
  for (let n = 0; n < 2000; n += 1) output.write(line(n));
  expect(output.dropped()).toBeGreaterThan(900);

  const done = vi.fn();
  output.flush(done);
  await vi.advanceTimersByTimeAsync(200);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(100);
  expect(done).toHaveBeenCalledOnce();
});

test("a single line that is too long is dropped, and the log says so", async () => {
  stopClock();
  const path = join(temporaryFolder(), "log");
  const file = openSync(path, "a");
  onTestFinished(() => closeSync(file));
  const output = createLogOutput(undefined, () => file);
  output.write(`${"x".repeat(1_100_000)}\n`);
  await vi.advanceTimersByTimeAsync(100);
  output.write(line(1));
  expect(readFileSync(path, "utf8")).toMatch(/^\{"level":40,.*"dropped":1,.*\}\n\{"n":1,/);
});

test("at exit a slow reader gets what is pending, and then the exit waits no longer", async () => {
  stopClock();
  const pipe = createPipe();
  for (let n = 0; n < 500; n += 1) pipe.output.write(line(n));
  const done = vi.fn();
  pipe.output.flush(done);
  let text = "";
  while (done.mock.calls.length === 0) {
    text += pipe.read();
    await vi.advanceTimersByTimeAsync(10);
  }
  text += pipe.read();
  expect(text.split("\n")).toHaveLength(501);
  expect(text.endsWith(line(499))).toBe(true);
});

test("what could steer a terminal is written as an escape, and the JSON keeps its meaning", () => {
  const { output, read } = createPipe();
  const msg = "a\u009b2Jb\u007f\u202ec\u001b[2J\nd";
  output.write(`${JSON.stringify({ msg })}\n`);
  const written = read();
  expect(written).toBe('{"msg":"a\\u009b2Jb\\u007f\\u202ec\\u001b[2J\\nd"}\n');
  expect(JSON.parse(written)).toEqual({ msg });
});

test("a file that is copied and cut by logrotate goes on at its beginning", () => {
  const path = join(temporaryFolder(), "log");
  // As the shell opens it for `npm start >> chatops.log`.
  const file = openSync(path, "a");
  onTestFinished(() => closeSync(file));
  const output = createLogOutput(undefined, () => file);
  output.write(line(1));

  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  output.write(line(2));

  expect(readFileSync(`${path}.1`, "utf8")).toBe(line(1));
  expect(readFileSync(path, "utf8")).toBe(line(2));
});

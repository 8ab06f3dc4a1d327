import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { sharedNow } from "../clock.ts";
import { method, serve } from "../processes/serve.ts";
import { answerTo, lastSecret } from "./answers.ts";
import { createCounts } from "./counts.ts";
import { createEndings } from "./endings.ts";
import { BEHAVIOURS, createLicenses } from "./licenses.ts";

const counts = createCounts();
const endings = createEndings();
const licenses = createLicenses();
let latencyMs = 0;
let connections = 0;
let gate: PromiseWithResolvers<void> | null = null;

const server = createServer((req, res) => void answer(req, res));
server.on("connection", () => {
  connections += 1;
});
// Nobody's connection is to be cut in the middle of a figure.
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1");

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await bodyOf(req);
  const answered = answerTo(req.method ?? "", req.url ?? "", body);
  if (latencyMs > 0) await sleep(latencyMs);
  if (gate) await gate.promise;
  if (!(await licenses.isWell(req.headers.authorization))) {
    send(res, 503, '{"error":"unavailable"}');
    counts.note("refused");
    return;
  }
  send(res, answered ? 200 : 404, answered?.body ?? '{"error":"no such call"}');
  const call = answered?.call ?? "unknown";
  counts.note(call);
  endings.note(call, body);
}

function send(res: ServerResponse, status: number, text: string): void {
  const length = Buffer.byteLength(text);
  res.writeHead(status, { "Content-Type": "application/json", "Content-Length": length });
  res.end(text);
}

function bodyOf(req: IncomingMessage): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  req.setEncoding("utf8");
  req.on("data", (piece: string) => {
    text += piece;
  });
  req.once("end", () => resolve(text));
  return promise;
}

const nothing = z.undefined();

serve({
  port: method(nothing, async () => {
    if (!server.listening) await once(server, "listening");
    return z.object({ port: z.number() }).parse(server.address()).port;
  }),
  setLatency: method(z.number(), (ms) => {
    latencyMs = ms;
  }),
  hold: method(nothing, () => {
    gate ??= Promise.withResolvers<void>();
  }),
  release: method(nothing, () => {
    const at = sharedNow();
    gate?.resolve();
    gate = null;
    return at;
  }),
  behave: method(
    z.object({ licenses: z.array(z.number()), behaviour: z.enum(BEHAVIOURS) }),
    ({ licenses: ids, behaviour }) => licenses.behave(ids, behaviour),
  ),
  endings: method(z.object({ ids: z.array(z.string()), patienceMs: z.number() }), ({ ids, patienceMs }) =>
    endings.of(ids, patienceMs),
  ),
  reset: method(nothing, () => {
    counts.reset();
    endings.reset();
  }),
  reached: method(z.object({ call: z.string(), count: z.number() }), ({ call, count }) =>
    counts.reached(call, count),
  ),
  state: method(nothing, () => ({ secret: lastSecret(), connections, calls: counts.all() })),
});

import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import axios from "axios/dist/node/axios.cjs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createAdapter } from "../../src/http/adapter.ts";
import { createHttp } from "../../src/http/http.ts";
import { createCaller, failureOf } from "../support/caller.ts";
import { startLoopback, urlOf } from "../support/loopback.ts";

// The way to a real server; the other files of this folder prepare answers.

describe("a successful call", () => {
  test("reuses connections: two for any number of calls, since one is left alone for a moment after each", async () => {
    const server = await startLoopback((_req, res) => void res.end("{}"));
    const call = createCaller({ baseUrl: server.url });
    for (let n = 0; n < 20; n += 1) await call();
    expect([server.requests(), server.connections()]).toEqual([20, 2]);
  });

  test("reaches this machine without the proxy configured for it", async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const name of ["HTTP_PROXY", "http_proxy"]) vi.stubEnv(name, "http://127.0.0.1:1");
    const server = await startLoopback((_req, res) => void res.end('"here"'));
    expect(await createCaller({ baseUrl: server.url })()).toBe("here");
  });

  test("waits for the answer itself after a hint that it is to come", async () => {
    const server = await startLoopback((_req, res) => {
      res.writeEarlyHints({ link: "</style.css>; rel=preload" });
      res.end('"at last"');
    });
    expect(await createCaller({ baseUrl: server.url })()).toBe("at last");
  });

  test("asks for no compression, and names its sender", async () => {
    const server = await startLoopback((req, res) => void res.end(JSON.stringify(req.headers)));
    expect(await createCaller({ baseUrl: server.url })()).toMatchObject({
      "accept-encoding": "identity",
      "user-agent": "chatops-server",
    });
  });

  test("sends as many bytes as its text has, and none without a text", async () => {
    const server = await startLoopback(async (req, res) => {
      res.end(JSON.stringify({ length: req.headers["content-length"], body: await text(req) }));
    });
    const call = createCaller({ baseUrl: server.url });
    expect(await call({ method: "POST", json: { text: "ünï" } })).toEqual({
      length: "16",
      body: '{"text":"ünï"}',
    });
    expect(await call({ method: "POST" })).toEqual({ length: "0", body: "" });
  });
});

describe("a proxy in the environment", () => {
  /** A proxy that only tunnels (CONNECT), and notes where to. */
  async function startProxy() {
    const tunnels: string[] = [];
    const proxy = createServer((_req, res) => void res.writeHead(400).end());
    proxy.on("connect", (req, socket) => {
      tunnels.push(req.url ?? "");
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    onTestFinished(() => {
      proxy.close();
      proxy.closeAllConnections();
    });
    return { url: urlOf(proxy), tunnels };
  }

  async function callThrough(names: Readonly<Record<string, string>>) {
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const [name, value] of Object.entries(names)) vi.stubEnv(name, value);
    return axios.get("https://api.invalid/v1", { adapter: createAdapter() }).catch((error: unknown) => error);
  }

  test("is asked for a tunnel, so that it sees nothing of the call", async () => {
    const proxy = await startProxy();
    expect(await callThrough({ HTTPS_PROXY: proxy.url })).toBeInstanceOf(axios.AxiosError);
    expect(proxy.tunnels).toEqual(["api.invalid:443"]);
  });

  test("is left alone for a host in NO_PROXY", async () => {
    const proxy = await startProxy();
    const error = await callThrough({ HTTPS_PROXY: proxy.url, NO_PROXY: "api.invalid" });
    expect(error).toMatchObject({ code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
    expect(proxy.tunnels).toEqual([]);
  });
});

describe("a call without an answer", () => {
  test("because nobody listens may be retried, and was certainly not carried out", async () => {
    const error = await failureOf(createCaller({ baseUrl: "http://127.0.0.1:1" })());
    expect(error).toMatchObject({ status: null, retryable: true, retryAfterMs: null, wasNotDone: true });
    expect(error.message).toBe("Example did not answer get_room (ECONNREFUSED).");
  });

  test("because the connection broke, before or during the answer, may be retried, and may have been carried out", async () => {
    for (const begin of ["", '{"id":']) {
      const server = await startLoopback((_req, res) => {
        if (begin) res.write(begin);
        setImmediate(() => res.socket?.resetAndDestroy());
      });
      const error = await failureOf(createCaller({ baseUrl: server.url })());
      expect(error).toMatchObject({ status: null, retryable: true, wasNotDone: false });
    }
  });

  test("in time is aborted, even if it arrives in drops", async () => {
    for (const drops of [false, true]) {
      const server = await startLoopback((_req, res) => {
        const timer = drops ? setInterval(() => res.write(" "), 5) : undefined;
        res.on("close", () => clearInterval(timer));
      });
      const since = performance.now();
      const error = await failureOf(createCaller({ baseUrl: server.url, timeoutMs: 50 })());
      expect(error).toMatchObject({ status: null, retryable: true });
      expect(performance.now() - since).toBeLessThan(10_000);
    }
  });
});

describe("an answer that begins, but does not end", () => {
  /** Answers with this status, then breaks off, or leaves the rest to be waited for. */
  async function startUnfinished(status: number, how: "broken" | "late") {
    return startLoopback((_req, res) => {
      res.writeHead(status, { "Content-Length": 100 });
      res.write('{"id":', () => how === "broken" && res.socket?.resetAndDestroy());
    });
  }

  test.each(["broken", "late"] as const)(
    "%s: its status counts where the body is not needed",
    async (how) => {
      const done = await startUnfinished(200, how);
      const http = createHttp({ platform: "Example", baseUrl: done.url, timeoutMs: 100 });
      await http({ name: "leave", method: "POST", path: "/leave", quota: null });
      const refusal = await startUnfinished(404, how);
      const error = await failureOf(createCaller({ baseUrl: refusal.url, timeoutMs: 100 })());
      expect(error).toMatchObject({ status: 404 });
    },
  );

  test.each(["broken", "late"] as const)("%s: no answer, where the body is needed", async (how) => {
    const server = await startUnfinished(200, how);
    const error = await failureOf(createCaller({ baseUrl: server.url, timeoutMs: 100 })());
    expect(error).toMatchObject({ status: null, retryable: true, wasNotDone: false });
  });

  test("after a megabyte it is cut off", async () => {
    let sent = 0;
    const server = await startLoopback((_req, res) => {
      const timer = setInterval(() => {
        res.write(" ".repeat(100_000));
        sent += 100_000;
      }, 1);
      res.on("close", () => clearInterval(timer));
    });
    expect(await failureOf(createCaller({ baseUrl: server.url })())).toMatchObject({ retryable: true });
    expect(sent).toBeLessThan(20_000_000);
  });
});

describe("a call that is given up", () => {
  test("by its signal ends at once, and closes its connection", async () => {
    let hasClosed = false;
    const server = await startLoopback((_req, res) => {
      res.on("close", () => {
        hasClosed = true;
      });
    });
    const aborter = new AbortController();
    const call = axios.create({ adapter: createAdapter() }).get(server.url, { signal: aborter.signal });
    await vi.waitFor(() => expect(server.requests()).toBe(1));
    aborter.abort();
    await expect(call).rejects.toMatchObject({ code: "ERR_CANCELED" });
    await vi.waitFor(() => expect(hasClosed).toBe(true));
  });

  test("before it has a connection is never sent", async () => {
    const server = await startLoopback((_req, res) => void res.end());
    const aborter = new AbortController();
    const adapter = createAdapter();
    const call = axios.get(server.url, {
      signal: aborter.signal,
      adapter(config) {
        const answer = adapter(config);
        aborter.abort();
        return answer;
      },
    });
    await expect(call).rejects.toMatchObject({ code: "ERR_CANCELED" });
    await sleep(50);
    expect(server.requests()).toBe(0);
  });
});

describe("the token stays with its host", () => {
  test("a redirect to another host is not followed", async () => {
    const other = await startLoopback((_req, res) => void res.end("{}"));
    for (const status of [301, 302, 303, 307, 308]) {
      const first = await startLoopback(
        (_req, res) => void res.writeHead(status, { location: other.url }).end(),
      );
      const error = await failureOf(createCaller({ baseUrl: first.url })());
      expect(error).toMatchObject({ status, retryable: true });
    }
    expect(other.requests()).toBe(0);
  });

  test("a path that looks like a URL does not lead to another host", async () => {
    const other = await startLoopback((_req, res) => void res.end('"other"'));
    const first = await startLoopback((_req, res) => void res.end('"first"'));
    const call = createCaller({ baseUrl: first.url });
    for (const path of [other.url, other.url.replace("http:", "")])
      expect(await call({ path })).toBe("first");
    expect(other.requests()).toBe(0);
  });
});

test("no error holds anything of the request", async () => {
  const sent = { json: { text: "text-invented" }, query: { q: "query-invented" }, method: "POST" } as const;
  const server = await startLoopback(async (req, res) => {
    const body = await text(req);
    // Nor what a platform echoes.
    res.writeHead(400).end(JSON.stringify({ body, token: req.headers.authorization, url: req.url }));
  });
  await failureOf(createCaller({ baseUrl: server.url })(sent));
  await failureOf(createCaller({ baseUrl: "http://127.0.0.1:1" })(sent));
  await failureOf(
    createCaller({ baseUrl: server.url })({ ...sent, token: "cannot be in a header: \u{1f355} invented" }),
  );
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import request from "supertest";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type LiveDemo, startLiveDemo } from "../../../src/demo/live/demo.ts";
import { COMPILE_CACHE } from "../../support/process.ts";
import { temporaryFolder } from "../../support/store.ts";

const source = (name: string) => fileURLToPath(new URL(`../../../src/${name}`, import.meta.url));

test("npm run demo ignores a real set-up, prints its address first, and leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  writeFileSync(join(folder, ".env"), "PORT=not-a-port\nCHATIO_CLIENT_ID=of-a-real-app\n");
  const program = ["--require", source("boot.cjs"), source("demo/demo.ts")];
  const env = { ...COMPILE_CACHE, TMPDIR: temporary, DATABASE_URL: "nonsense", WT_API_URL: "nonsense" };
  const child = spawn(process.execPath, program, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.on("data", (data) => {
    said += String(data);
  });

  const url = await vi.waitFor(
    () => {
      const [, first] =
        /^\D*(http:\/\/127\.0\.0\.1:\d+)\n[\s\S]*\nTo stop, press Ctrl\+C\.\n$/.exec(said) ?? [];
      if (first === undefined) throw new Error(said);
      return first;
    },
    { timeout: 15_000 },
  );
  const [, server = ""] = /own pages: (\S+) /.exec(said) ?? [];
  await request(url)
    .get("/")
    .expect(200, /See both bots at work/);
  await request(server).get("/readyz").expect(200);
  const ended = once(child, "exit");
  child.kill("SIGINT");
  // After Ctrl+C npm passes on the signal that the demo got from the terminal.
  await vi.waitFor(() => expect(fetch(url)).rejects.toThrow(), { interval: 5 });
  child.kill("SIGINT");

  expect(await ended).toEqual([0, null]);
  expect(said).toMatch(/\nThe demo has ended\. Nothing of it is left on this machine\.\n$/);
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(folder)).toEqual([".env", "tmp"]);
  await expect(fetch(server)).rejects.toThrow("fetch failed");
});

describe("the page of the demo", () => {
  let demo: LiveDemo;
  beforeAll(async () => {
    demo = await startLiveDemo(COMPILE_CACHE);
  });
  afterAll(() => demo.stop());

  test.each(["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])(
    "is not shown for the host %o",
    async (host) => {
      await request(demo.url).get("/").set("Host", host).expect(421);
    },
  );

  test.each([
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { Origin: "http://evil.example" },
  ])("takes no form from another site: %o", async (headers) => {
    const form = { from: "customer", text: "planted" };
    await request(demo.url).post("/say").type("form").set(headers).send(form).expect(403);
    expect((await request(demo.url).get("/")).text).not.toContain("planted");
  });

  test("has a server whose start page leads back to it and asks for no public address", async () => {
    const { text } = await request(demo.serverUrl).get("/").expect(200);
    expect(text).toContain(`<a href="${demo.url}">Back to the demo</a>`);
    expect(text).toContain("What is left to set up");
    expect(text).not.toMatch(/public address|PUBLIC_URL|ngrok/);
  });

  test("listens on this machine only", () => {
    expect(new URL(demo.url).hostname).toBe("127.0.0.1");
    expect(new URL(demo.serverUrl).hostname).toBe("127.0.0.1");
  });

  test("shows messages as text, never as HTML", async () => {
    await request(demo.url)
      .post("/say")
      .type("form")
      .send({ from: "agent", text: "<script>1</script>" })
      .expect(303);

    const { text } = await request(demo.url).get("/");
    expect(text).toContain("<p>&lt;script&gt;1&lt;/script&gt;</p>");
  });

  test.each([
    ["/say", { from: "nobody", text: "x" }],
    ["/say", { from: "customer", text: " " }],
    ["/say", { from: "ana", room: "cellar", text: "x" }],
    ["/platform", { platform: "pigeons" }],
    ["/room", { room: "cellar" }],
    ["/rule", { word: " ", reply: "x" }],
    ["/rule", { word: "x", reply: "y", to: "nobody" }],
    ["/trouble", { trouble: "fire", on: "true" }],
    ["/server", { do: "dance" }],
  ])("%s ignores %o and leads back to the page", async (path, form) => {
    const before = await request(demo.url).get("/");

    await request(demo.url).post(path).type("form").send(form).expect(303).expect("Location", "/");

    expect((await request(demo.url).get("/")).text).toBe(before.text);
  });

  test("shows the trouble of a platform while people chat there, and elsewhere as long as it lasts", async () => {
    const press = (path: string, form: object) => request(demo.url).post(path).type("form").send(form);
    const troubles = async () => {
      const { text } = await request(demo.url).get("/");
      return [...text.matchAll(/>((Break|Repair) [^<]*)<\/span><\/button>/g)].map(([, says]) => says);
    };
    expect(await troubles()).toEqual(["Break LiveChat"]);

    await press("/trouble", { trouble: "livechatFails", on: "true" });
    await press("/platform", { platform: "chatio" });
    expect(await troubles()).toEqual(["Repair LiveChat", "Break chat.io"]);

    await press("/trouble", { trouble: "livechatFails", on: "false" });
    expect(await troubles()).toEqual(["Break chat.io"]);
    await press("/platform", { platform: "livechat" });
    expect(await troubles()).toEqual(["Break LiveChat"]);
  });

  test("says why nothing happens, as long as no bot is installed", async () => {
    const text = async () => (await request(demo.url).get("/")).text;
    expect(await text()).not.toContain("No bot is listening yet");
    await request(demo.url).post("/say").type("form").send({ from: "customer", text: "pizza" }).expect(303);
    expect(await text()).toContain("No bot is listening yet: do step 1.");
  });

  test.each([
    ["of nobody", "lunch?", 1],
    ["of somebody else", "@ben lunch?", 1],
    ["of globobot", "@globobot acct100", 0],
  ])(
    "says once of a group message with a mention %s that globobot does not know of it: %s, %i",
    async (_of, said, more) => {
      const reasons = async () => {
        const { text } = await request(demo.url).get("/");
        return text.split("Webex delivers mentions only").length;
      };
      const before = await reasons();
      await request(demo.url)
        .post("/say")
        .type("form")
        .send({ from: "ana", room: "group", text: said })
        .expect(303);
      expect((await reasons()) - before).toBe(more);
    },
  );

  test("has nothing inline and loads nothing from elsewhere", async () => {
    const { headers, text } = await request(demo.url).get("/");

    expect(headers["content-security-policy"]).toContain(
      "default-src 'none';script-src 'self';style-src 'self'",
    );
    expect(text).not.toMatch(/<style|style=|\bon\w+=|undefined|\[object/);
  });

  test("has a server that is at the same address after it was killed and started again", async () => {
    const readiness = () => fetch(`${demo.serverUrl}/readyz`).then(({ status }) => status);
    const press = (button: string) => request(demo.url).post("/server").type("form").send({ do: button });
    expect(await readiness()).toBe(200);

    await press("kill").expect(303);
    await expect(readiness()).rejects.toThrow("fetch failed");

    await press("start").expect(303);
    expect(await readiness()).toBe(200);
  });

  test("has nothing beside its routes", async () => {
    await request(demo.url).get("/nothing").expect(404);
  });
});

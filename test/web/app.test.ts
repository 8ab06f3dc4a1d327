import request from "supertest";
import { expect, test, vi } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { aChatio, anInstaller, aWebex, createTestApp } from "../support/app.ts";

const PAGES = ["/", "/install", "/token"];
const READ_ONLY = [...PAGES, "/healthz", "/readyz"];
const WEBHOOKS = ["/webhook", "/wtwebhook"];

const METHODS = ["get", "post", "put", "patch", "delete", "options"] as const;

test.each([
  ...READ_ONLY.map((path) => [path, "get"] as const),
  ...WEBHOOKS.map((path) => [path, "post"] as const),
])(
  "%s is for %s: any other method is 405, and the answer says which one is allowed",
  async (path, allowed) => {
    const { app } = createTestApp();
    const name = allowed.toUpperCase();

    for (const method of METHODS.filter((each) => each !== allowed)) {
      const { headers, text, type } = await request(app)[method](path).expect(405);
      expect(headers.allow?.split(", ")[0]).toBe(name);
      expect(text).toContain(`${method.toUpperCase()} is not allowed here; use ${name}.`);
      expect(type).toBe(PAGES.includes(path) ? "text/html" : "application/json");
    }
  },
);

test("HEAD /token is 405: a link preview must not use up the code", async () => {
  const install = vi.fn(async () => ({ account: "1520" }));
  const { app } = createTestApp({
    chatio: aChatio({ installer: anInstaller({ install }) }),
  });

  await request(app).head("/token?code=a").expect(405).expect("Allow", "GET");
  expect(install).not.toHaveBeenCalled();
});

test("HEAD is answered like GET, without a body; that of a webhook is 405", async () => {
  const { app } = createTestApp();
  const statuses = {
    "/": 200,
    "/healthz": 200,
    "/readyz": 200,
    "/install": 302,
    "/nothing": 404,
    "/webhook": 405,
  };

  for (const [path, status] of Object.entries(statuses)) {
    const { text, headers } = await request(app).head(path).expect(status);
    expect(text).toBeFalsy();
    // Which software the server uses is nobody's business.
    expect(headers).not.toHaveProperty("x-powered-by");
  }
});

const NOWHERE = [
  "/nothing",
  "/webhook/more",
  "/token/more",
  "/favicon.ico",
  "/.env",
  "/metrics",
  "/status",
  "/status/retry",
  "/crm",
  "/%E0%A4%A",
  "//x",
];

test("an unknown path is 404 in JSON, whatever the method", async () => {
  const { app } = createTestApp();

  for (const path of NOWHERE) {
    await request(app).get(path).expect(404, { error: "There is nothing here." });
    await request(app).post(path).send({}).expect(404, { error: "There is nothing here." });
  }
});

const CHATIO_MISSING =
  "chat.io is not set up on this server: CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.";
const WEBEX_MISSING = "Webex is not set up on this server: WT_API_TOKEN is missing.";

test.each([
  ["/webhook", { chatio: null }, CHATIO_MISSING],
  ["/wtwebhook", { webex: null }, WEBEX_MISSING],
])(
  "a delivery to %s is 503 where that platform is not set up, whatever it holds",
  async (path, options, error) => {
    const { app, store } = createTestApp(options);

    await request(app).post(path).send({}).expect(503, { error });
    await request(app).post(path).expect(503, { error });
    await request(app).post(path).set("Content-Type", "application/json").send("{").expect(503, { error });

    expect(await store.desk.countByState()).toMatchObject({ waiting: 0 });
  },
);

test.each(["/install", "/token?code=a"])("%s is 503 on a page where chat.io is not set up", async (path) => {
  const { app } = createTestApp({ chatio: null });

  const { text, headers } = await request(app).get(path).expect(503);

  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(text).toContain(CHATIO_MISSING);
});

test("each webhook route has its own platform", async () => {
  const seen: string[] = [];
  const opening = (name: string) => ({
    async open() {
      seen.push(name);
      return [];
    },
  });
  const { app } = createTestApp({ chatio: aChatio(opening("chatio")), webex: aWebex(opening("webex")) });

  await request(app).post("/webhook").send({}).expect(200);
  await request(app).post("/wtwebhook").send({}).expect(200);

  expect(seen).toEqual(["chatio", "webex"]);
});

test("the start page has the install link and says how many installations need a reinstall, if that can be read", async () => {
  const counts = vi.fn(async () => ({ all: 3, needingReinstall: 2 }));
  const installer = anInstaller({ countInstallations: counts });
  const { app } = createTestApp({ chatio: aChatio({ installer }) });
  const open = async () => {
    const { text, type } = await request(app).get("/").expect(200);
    expect(type).toBe("text/html");
    expect(text).toContain('href="http://localhost:5000/install"');
    return text;
  };

  const page = await open();
  expect(page).toContain("2 installations need a reinstall.");
  expect(page).toContain("Installed on 3 licenses.");
  counts.mockRejectedValue(new StoreError("gone"));
  expect(await open()).toContain("Add to chat.io");
});

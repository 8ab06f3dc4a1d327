import request from "supertest";
import { expect, test } from "vitest";
import { PlatformError, StoreError } from "../../src/errors.ts";
import type { Installer } from "../../src/platforms/platform.ts";
import { aChatio, anInstaller, createTestApp } from "../support/app.ts";
import { type Browser, beginInstall, openBrowser } from "../support/browser.ts";
import { wordsOf } from "../support/operator.ts";

function createInstallApp(overrides: Partial<Installer> = {}) {
  const codes: string[] = [];
  const installer = anInstaller({
    async install(code) {
      codes.push(code);
      return { account: "1520" };
    },
    ...overrides,
  });
  return { ...createTestApp({ chatio: aChatio({ installer }) }), codes };
}

function aPlatformRefusal(type: string, status: number): PlatformError {
  return new PlatformError(`chat.io answered a call with ${status}, ${type}.`, {
    type,
    status,
    retryable: false,
  });
}

const NOT_OURS = "This installation was not started in this browser, is already finished, or took too long.";

test("/install sends each browser to consent with a state of its own, which it keeps in a cookie", async () => {
  const { app, sink } = createInstallApp();

  const [one, another] = [await request(app).get("/install"), await request(app).get("/install")];

  expect([one.status, one.headers["cache-control"]]).toEqual([302, "no-store"]);
  expect(one.headers.location).not.toBe(another.headers.location);
  const state = new URL(one.headers.location ?? "").searchParams.get("state") ?? "";
  expect(state).toMatch(/^[\w-]{22,}$/);
  // For all paths: behind a proxy, the redirect URI may have a longer one than /token.
  expect(one.headers["set-cookie"]).toEqual([
    expect.stringMatching(
      new RegExp(
        `^install_state_chatio=${state}; Max-Age=600; Path=/; Expires=[^;]+; HttpOnly; SameSite=Lax$`,
      ),
    ),
  ]);
  expect(sink.text()).not.toContain(state);
});

test("where browsers come by https the cookie is sent by https only", async () => {
  const { app } = createTestApp({ publicUrl: "https://bots.example" });

  const { headers } = await request(app).get("/install").expect(302);

  expect(headers["set-cookie"]).toEqual([expect.stringMatching(/; HttpOnly; Secure; SameSite=Lax$/)]);
});

/** Begins an installation in the browser, and returns its state. */
async function beginIn(browser: Browser): Promise<string> {
  const { headers } = await browser.get("/install").expect(302);
  return new URL(headers.location ?? "").searchParams.get("state") ?? "";
}

const DONE = "/install/done";

test("a browser that comes back with state and cookie gets a page that names the license, and no secret", async () => {
  const { app, codes, sink } = createInstallApp();
  const browser = openBrowser(app);
  const state = await beginIn(browser);

  const { headers, text } = await browser.get("/token").query({ code: "code-invented-1", state }).expect(200);

  expect(text).toContain("license <strong>1520</strong>");
  expect(headers["set-cookie"]).toEqual([
    "install_state_chatio=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax",
    expect.stringMatching(
      /^install_done_chatio=[^;]+; Max-Age=3600; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    ),
  ]);
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["referrer-policy"]).toBe("no-referrer");
  expect(codes).toEqual(["code-invented-1"]);
  expect(sink.messages()).toContain("An installation starts.");
  for (const hidden of ["code-invented-1", state])
    expect(`${text}${headers["set-cookie"]}${sink.text()}`).not.toContain(hidden);
});

test("the page after an installation names the license, may be loaded again, and is for this browser only", async () => {
  const { app } = createInstallApp();
  const browser = openBrowser(app);
  const state = await beginIn(browser);
  await browser.get("/token").query({ code: "a", state }).expect(200);

  for (let visit = 1; visit <= 2; visit += 1) {
    const { text } = await browser.get(DONE).expect(200).expect("Cache-Control", "no-store");
    expect(text).toContain("license <strong>1520</strong>");
    expect(text).toContain('<a class="button" href="/">The server’s home page</a>');
  }
  const elsewhere = (await request(app).get(DONE).expect(200)).text;
  expect(wordsOf(elsewhere)).toContain("This installation is finished");
  expect(elsewhere).not.toMatch(/1520|notice/);
  await browser.post(DONE).expect(405);
});

test.each(["code=b&", "error=access_denied&"])(
  "who goes back to the consent page and decides once more (%s) is told that the installation is already finished",
  async (decision) => {
    const { app, codes } = createInstallApp();
    const browser = openBrowser(app);
    const state = await beginIn(browser);
    await browser.get("/token").query({ code: "a", state }).expect(200);

    const { headers } = await browser.get(`/token?${decision}state=${state}`).expect(303);

    expect(headers.location).toBe(`${DONE}?again`);
    const { text } = await browser.get(headers.location ?? "").expect(200);
    expect(wordsOf(text)).toContain("This installation is already finished");
    expect(text).toContain("license <strong>1520</strong>");
    expect(text).not.toContain("notice bad");
    expect(codes).toEqual(["a"]);
  },
);

test("a used-up state is refused in a browser that has only its first cookie, and after an installation that failed", async () => {
  const { app, codes } = createInstallApp();
  const { state, cookie } = await beginInstall(app);
  const finish = () => request(app).get("/token").query({ code: "a", state }).set("Cookie", cookie);
  await finish().expect(200);
  expect((await finish().expect(400)).text).toContain(NOT_OURS);
  expect(codes).toEqual(["a"]);

  const failing = createInstallApp({ install: () => Promise.reject(aPlatformRefusal("validation", 422)) });
  const browser = openBrowser(failing.app);
  const another = await beginIn(browser);
  await browser.get("/token").query({ code: "a", state: another }).expect(502);
  await browser.get("/token").query({ code: "a", state: another }).expect(400);
});

test.each(["", ".", "a.MTUyMA.b", "..", "%"])(
  "a cookie about an installation that we did not write (%j) counts for nothing",
  async (value) => {
    const { app } = createInstallApp();
    const { text } = await request(app).get(DONE).set("Cookie", `install_done_chatio=${value}`).expect(200);
    expect(wordsOf(text)).toContain("This installation is finished");
  },
);

test("a cookie about an installation is believed only by servers with the same key", async () => {
  const { app } = createInstallApp();
  const { headers } = await request(app).get("/token?code=a").expect(200);
  const [cookie = ""] = [headers["set-cookie"] ?? []].flat().filter((one) => one.startsWith("install_done"));
  const other = createTestApp({ signingKey: "another-key-invented" });

  const read = async (target: typeof app) =>
    (
      await request(target)
        .get(DONE)
        .set("Cookie", cookie.split(";")[0] ?? "")
    ).text;

  expect(await read(app)).toContain("1520");
  expect(await read(other.app)).not.toContain("1520");
});

test("installations may also be typed by hand, without a state, and successful ones are not limited", async () => {
  const { app, codes } = createInstallApp();

  for (let n = 0; n < 35; n += 1) {
    const { state, cookie } = await beginInstall(app);
    await request(app).get("/token").query({ code: "a", state }).set("Cookie", cookie).expect(200);
    await request(app).get("/token").query({ code: "b" }).expect(200);
  }
  expect(codes).toHaveLength(70);
});

test("the code is read correctly, whatever else is in the address", async () => {
  const { app, codes } = createInstallApp();

  await request(app).get("/token?code=ab/cd").expect(200);
  await request(app).get("/token?code=ab%2Fcd%2Bef").expect(200);
  await request(app).get("/token/?code=code-1&more=1").expect(200);
  await request(app)
    .get(`/token?code=${"x".repeat(2000)}`)
    .expect(200);

  expect(codes).toEqual(["ab/cd", "ab/cd+ef", "code-1", "x".repeat(2000)]);
});

const NO_CODE = "The address contains no code from chat.io.";
const REFUSED = "The Pizza BOT was not allowed at chat.io.";
const NOT_POSSIBLE = "chat.io rejected the request to install.";

const NO_WAY = [
  ["/token", NO_CODE],
  ["/token?code=", NO_CODE],
  ["/token?code=a&code=b", NO_CODE],
  ["/token?code[]=a", NO_CODE],
  ["/token?code[x]=a", NO_CODE],
  [`/token?code=${"x".repeat(2001)}`, "The code in the address is not from chat.io."],
  ["/token?error=access_denied", REFUSED],
  ["/token?error=access_denied&code=a", REFUSED],
  ["/token?error=", NOT_POSSIBLE],
  ["/token?error=invalid_scope", NOT_POSSIBLE],
  ["/token?error=access_denied&error=a", NOT_POSSIBLE],
  ["/token?code=a&state=forged", NOT_OURS],
  ["/token?code=a&state=", NOT_OURS],
  ["/token?code=a&state=b&state=c", NOT_OURS],
  ["/token?code=a&state[]=1", NOT_OURS],
  ["/token?code=a&state[a]=1", NOT_OURS],
] as const;

test("an address that cannot come from chat.io is 400, on a page that says why", async () => {
  const { app, codes } = createInstallApp();

  for (const [path, sentence] of NO_WAY) {
    const { text, headers } = await request(app).get(path).expect(400);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(text).toContain(`<p class="notice bad">${sentence}</p>`);
    expect(text).toContain('href="/install"');
  }
  expect(codes).toEqual([]);
});

test.each([
  ["no cookie", () => ""],
  ["a cookie of another browser's", (other: string) => other],
  ["a forged cookie", () => "install_state_chatio=forged"],
  ["a cookie that is no cookie", () => "install_state_chatio"],
])("the right state with %s is refused", async (_name, cookieOf) => {
  const { app, codes } = createInstallApp();
  const { state } = await beginInstall(app);
  const other = await beginInstall(app);

  const finish = request(app).get("/token").query({ code: "a", state }).set("Cookie", cookieOf(other.cookie));

  expect((await finish.expect(400)).text).toContain(NOT_OURS);
  expect(codes).toEqual([]);
});

test.each([
  [502, aPlatformRefusal("invalid_grant", 400), "The code was already used"],
  [502, aPlatformRefusal("invalid_client", 401), "compare CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET"],
  [502, aPlatformRefusal("authorization", 403), "may lack a scope"],
  [502, aPlatformRefusal("validation", 422), "redirect URI and scopes"],
  [502, new PlatformError("chat.io did not answer info (ECONNRESET).", { retryable: true }), "in a minute"],
  [503, new StoreError("the disk is full at /secret/place"), "Nothing is lost"],
  [500, new TypeError("x of undefined"), "ask whoever runs this server"],
])("a failed installation is %d, on a page that says what to do", async (status, error, advice) => {
  const { app } = createInstallApp({ install: () => Promise.reject(error) });

  const { text, headers } = await request(app).get("/token").query({ code: "a" }).expect(status);

  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(text).toContain(error instanceof PlatformError ? error.message : '<p class="notice bad">The ');
  expect(text).toContain(advice);
  expect(text).not.toMatch(/secret|undefined|\.ts|node_modules/);
});

test("an error's message is shown as text, never as markup", async () => {
  const error = new PlatformError("<script>alert(1)</script>", { retryable: false });
  const { app } = createInstallApp({ install: () => Promise.reject(error) });

  const { text } = await request(app).get("/token").query({ code: "a" }).expect(502);

  expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(text).not.toContain("<script>");
});

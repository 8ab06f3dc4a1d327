import request from "supertest";
import { describe, expect, test } from "vitest";
import { createTestApp } from "../support/app.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const SETTING = "ADMIN_PASSWORD";

describe("an unknown address", () => {
  test.each(["/nothing", "/webhook/more", "/.env"])(
    "is a page for browsers, with a way back: %s",
    async (path) => {
      const { app } = createTestApp();
      const { text } = await request(app)
        .get(path)
        .set("Accept", BROWSER)
        .expect(404)
        .expect("Content-Type", /html/);
      expect(text).toContain("There is nothing at this address.");
      expect(text).toContain('href="/"');
      expect(text).not.toContain(SETTING);
    },
  );

  test.each(["*/*", "application/json", "text/plain"])("is JSON for who accepts %s", async (accept) => {
    const { app } = createTestApp();
    const { headers } = await request(app)
      .get("/nothing")
      .set("Accept", accept)
      .expect(404, { error: "There is nothing here." });
    expect(headers.vary).toContain("Accept");
  });
});

describe("an operator's page without ADMIN_PASSWORD", () => {
  const ask = (path: string, from: string | null, password: string | null = null) => {
    const { app } = createTestApp({ operatorPassword: password, trustProxy: "loopback" });
    const asked = request(app).get(path).set("Accept", BROWSER);
    return from === null ? asked : asked.set("X-Forwarded-For", from);
  };

  test.each(["/status", "/status/retry", "/crm", "/metrics"])(
    "tells visitors from this machine what enables it: %s",
    async (path) => {
      const { text } = await ask(path, null).expect(404);
      expect(text).toContain(SETTING);
      expect(text).toContain("restart");
    },
  );

  test("is an unknown address for anybody else", async () => {
    const { text } = await ask("/status", "203.0.113.7").expect(404);
    expect(text).toContain("There is nothing at this address.");
    expect(text).not.toContain(SETTING);
  });

  test("is not spoken of where there is a password", async () => {
    const { text } = await ask("/status/nothing", null, "a long enough password")
      .auth("any", "a long enough password")
      .expect(404);
    expect(text).not.toContain(SETTING);
  });
});

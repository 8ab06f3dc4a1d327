import request from "supertest";
import { expect, test } from "vitest";
import { createTestApp } from "../support/app.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";

const createDesk = () => createTestApp({ operatorPassword: PASSWORD });

test.each(["/status", "/status/jobs/webex%3AM1", "/crm?account=acct100"])(
  "%s needs the password; others get a page that says what to do, and nothing else",
  async (path) => {
    const { app } = createDesk();

    for (const answer of [request(app).get(path), request(app).get(path).auth("me", "wrong")]) {
      const { text } = await answer
        .expect(401)
        .expect("WWW-Authenticate", /^Basic realm=/)
        .expect("Content-Type", "text/html; charset=utf-8")
        .expect("Cache-Control", "no-store");
      expect(wordsOf(text)).toContain("This needs the operator’s password. Any user name will do.");
      expect(wordsOf(text)).toContain(
        "Load the page again and enter it. The demo prints it where it was started;",
      );
      expect(text).toContain('href="/">The server’s home page</a>');
      expect(text).not.toContain("HTTP Basic");
      expect(text).not.toContain("40.00");
    }
  },
);

test("machines get the same in JSON", async () => {
  await request(createDesk().app)
    .get("/metrics")
    .expect(401, { error: "This needs the operator’s password. Any user name will do." })
    .expect("WWW-Authenticate", /^Basic realm=/);
});

test("neither requests without a password, so that a browser can ask for it, nor those with the right one are limited", async () => {
  const { app } = createDesk();
  for (let count = 0; count < 150; count += 1)
    await request(app)
      .get("/metrics")
      .expect(401)
      .expect("WWW-Authenticate", /^Basic realm=/);

  const askedAt = performance.now();
  await asOperator(app).get("/status").expect(200);
  expect(performance.now() - askedAt).toBeLessThan(900);
  for (let count = 0; count < 150; count += 1) await asOperator(app).get("/metrics").expect(200);
});

test("HEAD is answered like GET, and any other method is 405, on a page", async () => {
  const operator = asOperator(createDesk().app);

  for (const path of ["/status", "/crm?account=acct100"]) {
    expect((await operator.head(path).expect(200)).text).toBeFalsy();
    for (const method of ["post", "put", "delete"] as const) {
      const { text, type } = await operator[method](path).expect(405).expect("Allow", "GET, HEAD");
      expect(type).toBe("text/html");
      expect(text).toContain(`${method.toUpperCase()} is not allowed here; use GET.`);
    }
  }
  for (const method of ["get", "put", "delete"] as const) {
    const { type } = await operator[method]("/status/retry").expect(405).expect("Allow", "POST");
    expect(type).toBe("text/html");
  }
});

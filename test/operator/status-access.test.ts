import request from "supertest";
import { expect, test } from "vitest";
import { createTestApp } from "../support/app.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";

const createDesk = () => createTestApp({ operatorPassword: PASSWORD });

test.each(["/status", "/status/retry"])("without ADMIN_PASSWORD there is no %s", async (path) => {
  const { app } = createTestApp();

  await request(app).get(path).expect(404, { error: "There is nothing here." });
  await request(app).post(path).expect(404, { error: "There is nothing here." });
});

test("with it, the page needs the password; others get a page that says what to do", async () => {
  const { app } = createDesk();

  for (const answer of [request(app).get("/status"), request(app).get("/status").auth("me", "wrong")]) {
    const { text } = await answer
      .expect(401)
      .expect("WWW-Authenticate", /^Basic realm=/)
      .expect("Content-Type", "text/html; charset=utf-8")
      .expect("Cache-Control", "no-store");
    expect(wordsOf(text)).toContain("This needs the ADMIN_PASSWORD, by HTTP Basic with any user name.");
    expect(wordsOf(text)).toContain("Reload the page and enter the password");
  }
});

test("machines get the same in JSON", async () => {
  await request(createDesk().app)
    .get("/metrics")
    .expect(401, { error: "This needs the ADMIN_PASSWORD, by HTTP Basic with any user name." })
    .expect("WWW-Authenticate", /^Basic realm=/);
});

test("the right password gets in however often it is given", async () => {
  const { app } = createDesk();
  for (let count = 0; count < 150; count += 1) await asOperator(app).get("/metrics").expect(200);
});

test("requests without a password always get 401, never 429, so that a browser can ask for it", async () => {
  const { app } = createDesk();
  for (let count = 0; count < 150; count += 1)
    await request(app)
      .get("/metrics")
      .expect(401)
      .expect("WWW-Authenticate", /^Basic realm=/);

  const askedAt = performance.now();
  await asOperator(app).get("/status").expect(200);
  expect(performance.now() - askedAt).toBeLessThan(900);
});

test("HEAD is answered like GET, and any other method is 405, on a page", async () => {
  const { app } = createDesk();
  const operator = asOperator(app);

  expect((await operator.head("/status").expect(200)).text).toBeFalsy();
  for (const method of ["post", "put", "delete"] as const)
    expect((await operator[method]("/status").expect(405).expect("Allow", "GET, HEAD")).type).toBe(
      "text/html",
    );
  for (const method of ["get", "put", "delete"] as const)
    expect((await operator[method]("/status/retry").expect(405).expect("Allow", "POST")).type).toBe(
      "text/html",
    );
});

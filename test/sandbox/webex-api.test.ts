import { expect, test } from "vitest";
import { refusalOf, startWebex } from "./webex-caller.ts";

test("the bot can ask who it is", async () => {
  const { sandbox, get } = await startWebex();
  const answer = await get("/people/me");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    id: sandbox.bot.id,
    emails: ["globobot@webex.bot"],
    displayName: "globobot",
    type: "bot",
  });
  const decoded = Buffer.from(sandbox.bot.id, "base64").toString();
  expect(decoded).toMatch(/^ciscospark:\/\/us\/PEOPLE\/[\da-f-]{36}$/);
  expect(sandbox.bot.id).not.toContain("=");
});

test("every call needs the bot's token", async () => {
  const { sandbox, call, get } = await startWebex();
  for (const authorization of ["", "Bearer other", "Basic bot-token"]) {
    const answer = await call("GET", "/webhooks", undefined, { authorization });
    expect(await refusalOf(answer)).toMatchObject({ status: 401 });
  }
  expect((await get("/people/me")).status).toBe(200);
  sandbox.rejectToken();
  expect((await get("/people/me")).status).toBe(401);
});

test("every answer carries a trace id", async () => {
  const { get } = await startWebex();
  expect((await get("/people/me")).headers.get("trackingid")).toMatch(/^ROUTER_/);
});

test("an unknown path is 404, a wrong verb 405, another media type 415, bad JSON 400", async () => {
  const { call, get, sandbox } = await startWebex();
  expect(await refusalOf(await get("/balances"))).toMatchObject({ status: 404 });
  expect(await refusalOf(await call("PUT", "/messages", {}))).toMatchObject({ status: 405 });
  const asText = await call("POST", "/messages", {}, { "content-type": "text/plain" });
  expect(await refusalOf(asText)).toMatchObject({ status: 415 });
  const headers = { authorization: "Bearer bot-token", "content-type": "application/json" };
  const broken = await fetch(`${sandbox.apiUrl}/messages`, { method: "POST", headers, body: "{" });
  expect(await refusalOf(broken)).toMatchObject({ status: 400 });
});

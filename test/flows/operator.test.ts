import { expect, test, vi } from "vitest";
import { asOperator, csrfIn, PASSWORD, wordsOf } from "../support/operator.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";

const ANA = "ana@example.com";
const start = () => startTestStage({ ADMIN_PASSWORD: PASSWORD });

async function askFor(stage: TestStage, account: string): Promise<() => string[]> {
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
  await stage.webex.says(ANA, room.id, `@globobot ${account}`);
  return () =>
    stage.webex
      .transcript(room.id)
      .filter(({ author }) => author === "globobot")
      .map(({ text }) => text);
}

test("a job that Webex has refused for good is on the page, and done once the operator retries it", async () => {
  const stage = await start();
  const operator = asOperator(stage.serverUrl);
  stage.webex.rejectToken();
  const said = await askFor(stage, "acct200");
  await vi.waitFor(() => expect(stage.sink.text()).toContain("Job dead"));
  const page = (await operator.get("/status?state=dead").expect(200)).text;
  expect(wordsOf(page)).toContain("One job is dead");
  expect(wordsOf(page)).toContain("Retry the dead job");
  expect(wordsOf(page)).toContain("1 delivery (1 accepted). No reactions.");

  stage.webex.acceptToken();
  const [, key] = /name="key" value="([^"]+)"/.exec(page) ?? [];
  const form = { csrf: csrfIn(page), key, state: "dead" };
  const { headers } = await operator.post("/status/retry").type("form").send(form).expect(303);
  const back = (await operator.get(headers.location?.replace(/#.*/, "") ?? "").expect(200)).text;
  await vi.waitFor(() => expect(stage.sink.messages()).toContain("Job done: replied"));

  expect(wordsOf(back)).toContain("The job was put back");
  expect(said()).toEqual(["balance for acct200: -10.00 USD"]);
  const after = wordsOf((await operator.get("/status").expect(200)).text);
  expect(after).toContain("done 1 dead 0");
  expect(after).toMatch(/1 reaction, after \d+ m?s/);
});

test("the page of a job names the calls of each attempt, and how each ended", async () => {
  const stage = await start();
  const operator = asOperator(stage.serverUrl);
  stage.webex.faults.inject({ kind: "status-503", endpoint: "POST /messages", times: 1 });
  await askFor(stage, "acct200");
  await vi.waitFor(() => expect(stage.sink.messages()).toContain("Job done: replied"));
  const list = (await operator.get("/status").expect(200)).text;
  const [, address] = /class="to-job" href="([^"]+)"/.exec(list) ?? [];

  const { text } = await operator.get(address ?? "").expect(200);

  const [, latest, first] = text.split("<h3>");
  expect(wordsOf(latest ?? "")).toMatch(
    /GET \/messages\/\{id\} 200 [\d.]+ m?s .*POST \/messages 200 [\d.]+ m?s/,
  );
  expect(wordsOf(first ?? "")).toMatch(
    /GET \/messages\/\{id\} 200 [\d.]+ m?s .*POST \/messages 503 [\d.]+ m?s/,
  );
  expect(text).not.toContain("acct200");
});

test("the account lookup tells the balance that the bot tells", async () => {
  const stage = await start();
  const said = await askFor(stage, "acct200");
  await vi.waitFor(() => expect(said()).toHaveLength(1));

  const { text } = await asOperator(stage.serverUrl).get("/crm?account=acct200").expect(200);

  const [, amount = "nothing"] = /: (.*)$/.exec(said()[0] ?? "") ?? [];
  expect(wordsOf(text)).toContain(`acct200 ${amount}`);
});

import request from "supertest";
import { expect, test } from "vitest";
import { createTestApp } from "../support/app.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";

const ledger = {
  lookup: (id: string) =>
    new Map([
      ["ACCT100", 4000n],
      ["ACCT200", -1005n],
      ["ACCT300", 0n],
      ["O'HARA<B>", 123_456_789_012_345_678_901n],
    ]).get(id.toUpperCase()) ?? null,
  keyOf: (id: string) => id.toUpperCase(),
};

function createDesk() {
  const desk = createTestApp({ operatorPassword: PASSWORD, ledger });
  const ask = (account: string) => asOperator(desk.app).get("/crm").query({ account });
  return { ...desk, ask };
}

test("at first there is a labelled field with the cursor in it", async () => {
  const { app } = createDesk();

  const { text } = await asOperator(app).get("/crm").expect(200).expect("Cache-Control", "no-store");

  expect(text).toContain('<label for="account">');
  expect(text).toMatch(/<input id="account" name="account" type="text" value=""[^>]* autofocus>/);
  expect(text).toMatch(/<form [^>]*method="get" action="\/crm"/);
  expect(text).toContain('<a href="/crm" aria-current="page">');
});

test.each([
  ["acct100", "acct100 40.00 USD", "due"],
  ["AcCt200", "AcCt200 -10.05 USD", "credit Paid 10.05 USD more than was due."],
  ["ACCT300", "ACCT300 0.00 USD", "even"],
  [" \tacct100  ", "acct100 40.00 USD", "due"],
  ["o'hara<b>", "o&#39;hara&lt;b&gt; 1234567890123456789.01 USD", "due"],
])("the balance of %s is shown with the ID as typed: %s, %s", async (id, answer, words) => {
  const { text } = await createDesk()
    .ask(id)
    .expect(200)
    .expect((res) => expect(res.text).not.toContain("autofocus"));

  expect(wordsOf(text)).toContain(`${answer} ${words}`);
  expect(text).toContain(`value="${answer.split(" ")[0] ?? ""}"`);
});

test.each([
  ["acct999", "acct999"],
  ["acct 100", "acct 100"],
  ["acct100?", "acct100?"],
  ["<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  ["x".repeat(101), `${"x".repeat(100)}…`],
])("the page says that there is no account %s", async (id, shown) => {
  const { text } = await createDesk().ask(id).expect(200);

  expect(text).toContain(`There is no account <strong>${shown}</strong>.`);
  expect(text).not.toContain(" USD");
});

test.each(["/crm?account=", "/crm?account=%20%20", "/crm?account[]=acct100", "/crm?account=a&account=b"])(
  "%s asks for nothing",
  async (path) => {
    const { text } = await asOperator(createDesk().app).get(path).expect(200);

    expect(text).toContain("autofocus");
    expect(text).not.toMatch(/ USD|no account/);
  },
);

test("neither the account nor the balance reaches the log, whether or not the password is right", async () => {
  const { app, ask, sink } = createDesk();

  await ask("acct100").expect(200);
  await request(app).get("/crm?account=acct100").expect(401);

  expect(sink.text()).toContain("the operator’s password");
  expect(sink.text()).not.toMatch(/acct100|40\.00/);
});

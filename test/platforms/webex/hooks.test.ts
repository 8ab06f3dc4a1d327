import { expect, test } from "vitest";
import type { Webhook } from "../../../src/platforms/webex/client.ts";
import { complaintsAbout, isOurs, reconcile } from "../../../src/platforms/webex/hooks.ts";

const targetUrl = "https://bots.example/wtwebhook";
const settings = { targetUrl, secret: "signing-secret-invented" };

/** A correct webhook of this server. */
function aHook(overrides: Partial<Webhook> = {}): Webhook {
  return {
    id: "HOOK-ROOMS",
    name: "globobot: 1:1 rooms",
    targetUrl,
    resource: "messages",
    event: "created",
    filter: "roomType=direct",
    secret: settings.secret,
    status: "active",
    ...overrides,
  };
}

const mentions = (overrides: Partial<Webhook> = {}) =>
  aHook({
    id: "HOOK-MENTIONS",
    name: "globobot: mentions in groups",
    filter: "roomType=group&mentionedPeople=me",
    ...overrides,
  });

const theirs = aHook({ id: "HOOK-THEIRS", name: "another bot", targetUrl: "https://other.example/hook" });

/** The steps in brief, e.g. "keep HOOK-ROOMS". */
function steps(hooks: Webhook[], given = settings) {
  return reconcile(hooks, given).map(
    (step) => `${step.do} ${step.do === "create" ? step.hook.filter : step.hook.id}`,
  );
}

test("without webhooks, one for mentions in groups and one for 1:1 rooms are created, with the secret if any", () => {
  const why = expect.any(String);
  const wanted = [mentions(), aHook()].map(({ id: _id, status: _status, ...hook }) => hook);
  expect(reconcile([], settings)).toEqual(wanted.map((hook) => ({ do: "create", hook, why })));
  for (const step of reconcile([], { targetUrl, secret: null }))
    expect(step.hook).not.toHaveProperty("secret");
});

test("correct webhooks are kept, and other software's are left alone", () => {
  expect(steps([theirs, aHook(), mentions()])).toEqual(["keep HOOK-MENTIONS", "keep HOOK-ROOMS"]);
});

test("the order of a filter's parts does not matter", () => {
  const filter = "mentionedPeople=me&roomType=group";
  expect(steps([aHook(), mentions({ filter })])).toContain("keep HOOK-MENTIONS");
});

test.each([
  ["an earlier address", { targetUrl: "https://earlier.example/wtwebhook" }],
  ["a different secret", { secret: "another" }],
  ["a secret that Webex does not show", { secret: undefined }],
  ["the status inactive", { status: "inactive" }],
  ["a different name", { name: "made by hand" }],
])("one with %s is updated", (_name, overrides) => {
  expect(steps([aHook(overrides), mentions()])).toEqual(["keep HOOK-MENTIONS", "update HOOK-ROOMS"]);
});

test("one with a wrong filter is replaced, because a filter cannot be changed", () => {
  expect(steps([aHook({ filter: "roomType=group" }), mentions()])).toEqual([
    "keep HOOK-MENTIONS",
    "remove HOOK-ROOMS",
    "create roomType=direct",
  ]);
});

test("one with an unwanted secret is replaced, because a secret cannot be removed", () => {
  const unsigned = { targetUrl, secret: null };
  const hooks = [aHook(), mentions({ secret: undefined })];
  expect(reconcile(hooks, unsigned).map((step) => step.do)).toEqual(["keep", "remove", "create"]);
});

test("of two of a kind, the correct one stays", () => {
  const earlier = aHook({ id: "HOOK-EARLIER", targetUrl: "https://earlier.example/wtwebhook" });
  expect(steps([earlier, aHook(), mentions()])).toEqual([
    "keep HOOK-MENTIONS",
    "keep HOOK-ROOMS",
    "remove HOOK-EARLIER",
  ]);
});

test("a third one that sends everything here again is removed", () => {
  const everything = aHook({ id: "HOOK-ALL", name: "made by hand", filter: undefined });
  expect(steps([everything, aHook(), mentions()])).toContain("remove HOOK-ALL");
});

test("a webhook is this server's by its name, or if it sends new messages to this server", () => {
  expect(isOurs(aHook({ targetUrl: "https://earlier.example/" }), settings)).toBe(true);
  expect(isOurs(aHook({ name: "made by hand" }), settings)).toBe(true);
  expect(isOurs(aHook({ name: "made by hand", resource: "rooms" }), settings)).toBe(false);
  expect(isOurs(theirs, settings)).toBe(false);
});

test("what is missing, points elsewhere or was switched off is said, with what fixes it", () => {
  const elsewhere = aHook({ targetUrl: "https://earlier.example/" });
  const off = mentions({ status: "inactive" });

  expect(complaintsAbout([aHook(), mentions(), theirs], settings)).toEqual([]);
  expect(complaintsAbout([], settings)).toEqual([
    'The webhook "globobot: mentions in groups" is missing. Add it with: npm run webhooks -- add webex',
    'The webhook "globobot: 1:1 rooms" is missing. Add it with: npm run webhooks -- add webex',
  ]);
  expect(complaintsAbout([elsewhere, off], settings)).toEqual([
    'The webhook "globobot: 1:1 rooms" points to https://earlier.example/, not here. Fix it with: npm run doctor -- --fix',
    'The webhook "globobot: mentions in groups" was switched off by Webex. Fix it with: npm run webhooks -- heal',
  ]);
});

import { expect, test } from "vitest";
import type { Webhook } from "../../../src/platforms/webex/client.ts";
import { complaintsAbout, isOurs, reconcile } from "../../../src/platforms/webex/hooks.ts";

const targetUrl = "https://bots.example/wtwebhook";
const settings = { targetUrl, secret: "signing-secret-invented" };

/** A webhook of this server's, as it should be. */
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

/** The steps in short, e.g. "keep HOOK-ROOMS". */
function steps(hooks: Webhook[], given = settings) {
  return reconcile(hooks, given).map(
    (step) => `${step.do} ${step.do === "create" ? step.hook.filter : step.hook.id}`,
  );
}

test("where there is none, one for mentions in groups and one for 1:1 rooms is made", () => {
  expect(reconcile([], settings)).toEqual([
    {
      do: "create",
      hook: { ...mentions(), id: undefined, status: undefined },
      why: expect.any(String),
    },
    { do: "create", hook: { ...aHook(), id: undefined, status: undefined }, why: expect.any(String) },
  ]);
});

test("without a secret they are made without one", () => {
  for (const step of reconcile([], { targetUrl, secret: null }))
    expect(step.hook).not.toHaveProperty("secret");
});

test("what is as it should be is kept, and what is not this server's is left alone", () => {
  expect(steps([theirs, aHook(), mentions()])).toEqual(["keep HOOK-MENTIONS", "keep HOOK-ROOMS"]);
});

test("a filter means the same in another order", () => {
  const filter = "mentionedPeople=me&roomType=group";
  expect(steps([aHook(), mentions({ filter })])).toContain("keep HOOK-MENTIONS");
});

test.each([
  ["an earlier address", { targetUrl: "https://earlier.example/wtwebhook" }],
  ["another secret", { secret: "another" }],
  ["no secret, or one that Webex does not show", { secret: undefined }],
  ["a status that Webex has switched off", { status: "inactive" }],
  ["another name", { name: "made by hand" }],
])("one with %s is updated", (_name, overrides) => {
  expect(steps([aHook(overrides), mentions()])).toEqual(["keep HOOK-MENTIONS", "update HOOK-ROOMS"]);
});

test("one whose filter is another is removed and made anew, since that cannot be changed", () => {
  expect(steps([aHook({ filter: "roomType=group" }), mentions()])).toEqual([
    "keep HOOK-MENTIONS",
    "remove HOOK-ROOMS",
    "create roomType=direct",
  ]);
});

test("one with a secret, where there shall be none, is made anew, since a secret cannot be taken away", () => {
  const unsigned = { targetUrl, secret: null };
  const hooks = [aHook(), mentions({ secret: undefined })];
  expect(reconcile(hooks, unsigned).map((step) => step.do)).toEqual(["keep", "remove", "create"]);
});

test("of two of a kind the one that is as it should be stays", () => {
  const earlier = aHook({ id: "HOOK-EARLIER", targetUrl: "https://earlier.example/wtwebhook" });
  expect(steps([earlier, aHook(), mentions()])).toEqual([
    "keep HOOK-MENTIONS",
    "keep HOOK-ROOMS",
    "remove HOOK-EARLIER",
  ]);
});

test("a third one that brings everything here again is removed", () => {
  const everything = aHook({ id: "HOOK-ALL", name: "made by hand", filter: undefined });
  expect(steps([everything, aHook(), mentions()])).toContain("remove HOOK-ALL");
});

test("the names tell this server's webhooks, and so does where they bring new messages", () => {
  expect(isOurs(aHook({ targetUrl: "https://earlier.example/" }), settings)).toBe(true);
  expect(isOurs(aHook({ name: "made by hand" }), settings)).toBe(true);
  expect(isOurs(aHook({ name: "made by hand", resource: "rooms" }), settings)).toBe(false);
  expect(isOurs(theirs, settings)).toBe(false);
});

test("where all is as it should be there is nothing to complain of", () => {
  expect(complaintsAbout([aHook(), mentions(), theirs], settings)).toEqual([]);
});

test("what is missing, points elsewhere or was switched off is said, with what fixes it", () => {
  const elsewhere = aHook({ targetUrl: "https://earlier.example/" });
  const off = mentions({ status: "inactive" });

  expect(complaintsAbout([], settings)).toEqual([
    'The webhook "globobot: mentions in groups" is missing. Add it with: npm run webhooks -- add',
    'The webhook "globobot: 1:1 rooms" is missing. Add it with: npm run webhooks -- add',
  ]);
  expect(complaintsAbout([elsewhere, off], settings)).toEqual([
    'The webhook "globobot: 1:1 rooms" points to https://earlier.example/, not here. Fix it with: npm run webhooks -- add',
    'The webhook "globobot: mentions in groups" was switched off by Webex. Fix it with: npm run webhooks -- heal',
  ]);
});

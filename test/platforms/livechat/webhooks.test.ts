import { expect, test } from "vitest";
import {
  type AppWebhook,
  faultsOf,
  isOurs,
  stepsToReplace,
} from "../../../src/platforms/livechat/webhooks.ts";

const settings = {
  webhookUrl: "https://bots.example/livechat/webhook",
  webhookSecret: "webhook-secret-of-the-app",
};

function hook(overrides: Partial<AppWebhook> = {}): AppWebhook {
  return { id: "wh_1", action: "incoming_chat", url: settings.webhookUrl, description: "", ...overrides };
}

const steps = (hooks: readonly AppWebhook[]) =>
  stepsToReplace(hooks, settings).map((step) =>
    step.do === "register" ? `register ${step.action}` : `unregister ${step.hook.id}`,
  );

const OURS = { description: "Pizza BOT of chatops-server", url: "https://old.example/livechat/webhook" };

test("without any, one of each action is registered", () => {
  expect(steps([])).toEqual(["register incoming_chat", "register incoming_event"]);
});

test("ours are replaced, the new one first, wherever they lead; others are left alone", () => {
  expect(
    steps([
      hook({ id: "here" }),
      hook({ id: "old", ...OURS }),
      hook({ id: "theirs", action: "incoming_event", url: "https://other.example/hook" }),
      hook({ id: "another-action", action: "chat_deactivated" }),
    ]),
  ).toEqual(["register incoming_chat", "unregister here", "unregister old", "register incoming_event"]);
});

test("where the app has as many of an action as it may, ours go first", () => {
  const full = [1, 2].map((n) => hook({ id: `theirs-${n}`, url: "https://other.example/hook" }));
  expect(steps([...full, hook({ id: "ours" })])).toEqual([
    "unregister ours",
    "register incoming_chat",
    "register incoming_event",
  ]);
});

test("ours are known by their description or by where they lead", () => {
  expect(isOurs(hook(), settings)).toBe(true);
  expect(isOurs(hook(OURS), settings)).toBe(true);
  expect(isOurs(hook({ url: "https://other.example/hook" }), settings)).toBe(false);
  expect(isOurs(hook({ action: "chat_deactivated" }), settings)).toBe(false);
});

test("what keeps chats away is named: an action without a webhook, or one that leads elsewhere", () => {
  const event = hook({ action: "incoming_event" });
  expect(faultsOf([hook(), event], settings)).toEqual([]);
  expect(faultsOf([event], settings)).toEqual([
    { says: "No webhook is registered for incoming_chat.", isElsewhere: false },
  ]);
  expect(faultsOf([hook(OURS), event], settings)).toEqual([
    {
      says: "The webhook for incoming_chat points to https://old.example/livechat/webhook, not to https://bots.example/livechat/webhook.",
      isElsewhere: true,
    },
  ]);
  expect(faultsOf([hook(OURS), hook(), event], settings)).toEqual([]);
});

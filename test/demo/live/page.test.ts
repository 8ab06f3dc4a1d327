import { expect, test } from "vitest";
import type { ChatPlatform } from "../../../src/demo/chat-platforms.ts";
import { livePage } from "../../../src/demo/live/page.ts";
import type { Trial } from "../../../src/demo/live/trial.ts";
import type { JobLine, View, WireRow } from "../../../src/demo/live/view.ts";

const NOW = Date.UTC(2026, 0, 5, 14, 5, 9);

function aPlatform(name: string, title: string): ChatPlatform {
  const place = { installPath: "/install", tenant: "license", account: "1", remark: null };
  const openChat = () => {
    throw new Error("nobody chats here");
  };
  return { name, title, ...place, bots: () => [], openChat };
}

const LIVECHAT = aPlatform("livechat", "LiveChat");
const CHATIO = aPlatform("chatio", "chat.io");
const OVER: Trial = { job: { key: "a", state: "done", attempts: 4 }, hasOutlived: true };

/** The page before the last step, with these differences. */
function pageOf(differences: Partial<View> = {}): string {
  return livePage(
    {
      serverUrl: "http://127.0.0.1:1",
      server: "running",
      platforms: [LIVECHAT, CHATIO],
      platform: LIVECHAT,
      isInstalled: true,
      chat: [],
      isServed: true,
      room: "group",
      rooms: { group: [{ author: "globobot", text: "balance", isToldToBot: true }], direct: [] },
      rules: [],
      exchanges: [],
      inbox: { counts: { waiting: 0, working: 0, done: 0, dead: 0 }, jobs: [] },
      troubles: new Set(),
      trials: new Map(),
      ...differences,
    },
    NOW,
  );
}

const toDo = (page: string) =>
  (/<div id="to-do" role="status">(.*?)<\/div>/s.exec(page)?.[1] ?? "").replaceAll(/<[^>]+>/g, "").trim();
const marked = (page: string) =>
  [...page.matchAll(/id="([\w-]+)" class="[^"]*is-next"/g)].map(([, id]) => id);

test.each([
  ["LiveChat", LIVECHAT, "do-livechatFails"],
  ["chat.io", CHATIO, "do-chatioFails"],
])("the last step names %s where people chat there", (title, platform, control) => {
  const page = pageOf({ platform });
  expect(toDo(page)).toBe(`Press “${title} fails”: ${title} then refuses every call.`);
  expect(marked(page)).toEqual([control]);
  expect(page).toContain(`<li aria-current="step">${title} fails</li>`);
});

test("as long as an earlier step is to be done, that is what the page says", () => {
  const page = pageOf({ isServed: false, troubles: new Set(["livechatFails"]) });
  expect(toDo(page)).toContain("Write as the customer");
  expect(marked(page)).toEqual(["do-pizza"]);
  expect(page).not.toContain('class="path"');
});

test("at the end it says that nothing was lost, of the platform that failed, even once people chat elsewhere", () => {
  const page = pageOf({ platform: CHATIO, trials: new Map([["livechat", OVER]]) });
  expect(toDo(page)).toMatch(/^Nothing was lost: although LiveChat failed /);
  expect(marked(page)).toEqual([]);
});

const JOB: JobLine = {
  key: "k",
  platform: "livechat",
  title: "LiveChat",
  state: "waiting",
  attempts: 2,
  nextAttemptAt: NOW + 2500,
};

test.each<[string, Partial<View>, string]>([
  ["as of the page's time", {}, "2 attempts, the next in 3 s"],
  [
    "that it needs the server, while that is down",
    { server: "killed" },
    "2 attempts, the next once the server runs",
  ],
])("of the next try of a job it says %s", (_what, differences, words) => {
  const inbox = { counts: { waiting: 1, working: 0, done: 0, dead: 0 }, jobs: [JOB] };
  expect(pageOf({ inbox, ...differences }).replaceAll(/<[^>]+>/g, "")).toContain(`LiveChat, ${words}`);
});

test.each<[string, Partial<WireRow>, string]>([
  ["an accepted webhook", { response: { status: "accepted" } }, "200 accepted"],
  ["a duplicate", { response: { status: "duplicate" } }, "200 duplicate"],
  ["an ignored webhook", { response: { status: "ignored" } }, "200 ignored"],
  ["any other word", { response: { status: "s3cret" } }, "200 "],
  ["a body that is no object", { response: "accepted" }, "200 "],
  ["a call, whose answer is the platform's", { kind: "call", response: { status: "accepted" } }, "200 "],
  ["webhooks that were listed three times", { kind: "call", times: 3 }, "3 times200 "],
])("the row of %s shows %s", (_what, differences, shown) => {
  const row: WireRow = {
    ...{ id: 1, rowId: "1", times: 1, at: NOW, platform: "LiveChat", kind: "webhook", method: "POST" },
    ...{ path: "/hook", status: 200, ms: 5, request: undefined, response: undefined },
    ...differences,
  };
  const summary = /<summary>(.*?)<\/summary>/s.exec(pageOf({ exchanges: [row] }))?.[1] ?? "";
  expect(summary.replaceAll(/<[^>]+>/g, "")).toContain(`${shown}${shown.endsWith(" ") ? "" : " "}5 ms`);
});

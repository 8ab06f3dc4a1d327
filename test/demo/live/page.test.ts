import { describe, expect, test } from "vitest";
import type { ChatPlatform } from "../../../src/demo/chat-platforms.ts";
import { livePage } from "../../../src/demo/live/page.ts";
import type { Trial } from "../../../src/demo/live/trial.ts";
import type { JobLine, ServerState, View, WireRow } from "../../../src/demo/live/view.ts";

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
const OVER: Trial = { job: { key: "a", state: "done", attempts: 4, holder: null }, hasOutlived: true };

const JOB: JobLine = {
  key: "k",
  platform: "livechat",
  title: "LiveChat",
  state: "waiting",
  attempts: 2,
  nextAttemptAt: NOW + 2500,
  holder: null,
};

/** The page before the last step, with these differences. */
function pageOf(differences: Partial<View> = {}): string {
  return livePage(
    {
      serverUrl: "http://127.0.0.1:1",
      password: "pass-word",
      servers: [{ number: 1, state: "running" }],
      platforms: [LIVECHAT, CHATIO],
      platform: LIVECHAT,
      isInstalled: true,
      chat: [],
      isServed: true,
      undelivered: { chat: false, group: false, direct: false },
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
  expect(toDo(page)).toBe(`Press “Break ${title}”: ${title} then refuses every call.`);
  expect(marked(page)).toEqual([control]);
  expect(page).toContain(`<li aria-current="step">Break ${title}</li>`);
});

test("as long as an earlier step is to be done, that is what the page says", () => {
  const page = pageOf({ isServed: false });
  expect(toDo(page)).toContain("Write as the customer");
  expect(marked(page)).toEqual(["do-pizza"]);
  expect(page).not.toContain('class="path"');
});

describe("an earlier step that cannot be done now says what to do first", () => {
  const killed = [{ number: 1, state: "killed" }] as const;
  const noAnswers = { rooms: { group: [], direct: [] } };
  test.each<[string, Partial<View>, string, string]>([
    ["step 1, server down", { isInstalled: false, servers: killed }, "Start it again", "do-server"],
    [
      "step 1, network cut",
      { isInstalled: false, troubles: new Set(["networkCut"]) },
      "Connect the network",
      "do-networkCut",
    ],
    [
      "step 1, LiveChat fails",
      { isInstalled: false, troubles: new Set(["livechatFails"]) },
      "Repair LiveChat",
      "do-livechatFails",
    ],
    ["step 2, server down", { isServed: false, servers: killed }, "Start it again", "do-server"],
    [
      "step 2, LiveChat fails",
      { isServed: false, troubles: new Set(["livechatFails"]) },
      "Repair LiveChat",
      "do-livechatFails",
    ],
    [
      "step 3, Webex limits calls",
      { ...noAnswers, troubles: new Set(["webexLimits"]) },
      "Lift the Webex limit",
      "do-webexLimits",
    ],
  ])("%s", (_what, differences, button, control) => {
    const page = pageOf(differences);
    expect(toDo(page)).toContain(`Press “${button}”`);
    expect(toDo(page)).not.toContain("Add to");
    expect(marked(page)).toEqual([control]);
  });

  test("what does not hinder it is left alone: step 3 needs no LiveChat", () => {
    const page = pageOf({ ...noAnswers, troubles: new Set(["livechatFails"]) });
    expect(marked(page)).toEqual(["do-balance"]);
  });
});

describe("the time of the next try is counted down in the instruction", () => {
  const trials = (attempts: number, hasOutlived: boolean) =>
    new Map([["livechat", { job: { ...JOB, attempts }, hasOutlived }]]);
  const inbox = { counts: { waiting: 1, working: 0, done: 0, dead: 0 }, jobs: [JOB] };

  test("while the job waits, with the limit that the demo sets", () => {
    const page = pageOf({ inbox, trials: trials(2, false), troubles: new Set(["livechatFails"]) });
    expect(toDo(page)).toMatch(
      /^Watch the inbox: .* tried again and again, next in 3 s\. In this demo no pause is longer than 3 seconds\.$/,
    );
  });

  test("while nothing is left to be done but to wait", () => {
    const page = pageOf({ inbox, trials: trials(4, true) });
    expect(toDo(page)).toBe("Watch the agents: at the next try, in 3 s, they are told of the pizza.");
  });

  test("not where a screen reader would say every second of it", () => {
    expect(pageOf({ inbox, trials: trials(4, true) })).toMatch(
      /<span aria-hidden="true">, <time[^>]*>in 3 s<\/time>/,
    );
  });
});

test("who strays finds the way through a failure greyed out", () => {
  expect(pageOf({ troubles: new Set(["networkCut"]) })).toContain('<ol class="path paused"');
  expect(pageOf()).toContain('<ol class="path"');
});

test("at the end it says that nothing was lost, of the platform that failed, even once people chat elsewhere", () => {
  const page = pageOf({ platform: CHATIO, trials: new Map([["livechat", OVER]]) });
  expect(toDo(page)).toMatch(/^Nothing was lost: although LiveChat failed /);
  expect(marked(page)).toEqual([]);
});

test.each<[string, Partial<View>, string]>([
  ["as of the page's time", {}, "2 attempts, the next in 3 s"],
  [
    "that it needs the server, while that is down",
    { servers: [{ number: 1, state: "killed" }] },
    "2 attempts, the next once the server runs",
  ],
])("of the next try of a job it says %s", (_what, differences, words) => {
  const inbox = { counts: { waiting: 1, working: 0, done: 0, dead: 0 }, jobs: [JOB] };
  expect(pageOf({ inbox, ...differences }).replaceAll(/<[^>]+>/g, "")).toContain(`LiveChat, ${words}`);
});

describe("at the end", () => {
  const over = { trials: new Map([["livechat", OVER]]) };
  const told = {
    type: "message",
    author: "Pizza BOT",
    text: "Pizza is on the way!",
    recipients: "agents",
  } as const;
  const words = (differences: Partial<View>) => toDo(pageOf({ ...over, ...differences }));

  test("the sentence says where the agents were told, if that is not in sight", () => {
    expect(words({ chat: [told] })).toContain("the agents were told of the pizza.");
    expect(words({ chat: [] })).toContain("the agents were told of the pizza, in the earlier chat.");
    expect(words({ chat: [], platform: CHATIO })).toContain("told of the pizza, on LiveChat.");
  });

  test("links say what else there is, where the operator's pages are, and how to stop", () => {
    const finish = /<ul class="plain finish"(.*?)<\/ul>/s.exec(pageOf(over))?.[1] ?? "";
    for (const words of [
      'href="#rule-word"',
      'href="#on-chatio"',
      'href="#turn-direct"',
      'href="http://127.0.0.1:1/status"',
      "pass-word",
      "Ctrl+C",
    ])
      expect(finish).toContain(words);
    for (const id of ["rule-word", "on-chatio", "turn-direct"]) expect(pageOf(over)).toContain(`id="${id}"`);
    expect(pageOf()).not.toContain("pass-word");
  });

  test.each<[string, Partial<View>, string]>([
    [
      "the server is down",
      { servers: [{ number: 1, state: "killed" }] },
      "The server is down. Press “Start it again”.",
    ],
    ["the network is cut", { troubles: new Set(["networkCut"]) }, "Press “Connect the network”."],
    ["the platform fails", { troubles: new Set(["livechatFails"]) }, "Press “Repair LiveChat”."],
    ["Webex limits calls", { troubles: new Set(["webexLimits"]) }, "Press “Lift the Webex limit”."],
  ])("while %s, that is still said", (_what, differences, sentence) => {
    expect(words(differences)).toContain(sentence);
  });
});

test("while a job of a failing platform waits, no new chat begins, in which nobody would see what comes of it", () => {
  expect(pageOf()).toContain("Begin a new chat</button>");
  const held = pageOf({ trials: new Map([["livechat", { job: JOB, hasOutlived: false }]]) });
  expect(held).not.toContain("Begin a new chat</button>");
  expect(held).toContain("No new chat while a job waits.");
});

describe("what a person wrote in vain gets a grey line", () => {
  const line = { type: "message", author: "customer", text: "hello", recipients: "all" } as const;
  const killed = { servers: [{ number: 1, state: "killed" }] } as const;
  const chat = { ...{ chat: [line] }, undelivered: { chat: true, group: false, direct: false } };
  const count = (page: string, words: string) => page.split(words).length - 1;

  test("in both panes of the chat while the server is down, or the network is cut", () => {
    expect(count(pageOf({ ...chat, ...killed }), "The server is down. LiveChat delivers this again.")).toBe(
      2,
    );
    const cut = pageOf({ ...chat, troubles: new Set(["networkCut"]) });
    expect(count(cut, "The network is cut. LiveChat delivers this again.")).toBe(2);
  });

  test("in the room", () => {
    const page = pageOf({ ...killed, undelivered: { chat: false, group: true, direct: false } });
    expect(count(page, "The server is down. Webex delivers this again.")).toBe(1);
  });

  test("not if it has arrived, nor while nothing is off", () => {
    expect(
      pageOf({ ...chat, ...killed, undelivered: { chat: false, group: false, direct: false } }),
    ).not.toContain("delivers this again");
    expect(pageOf(chat)).not.toContain("delivers this again");
  });

  test("if the server has ignored it, that no rule matches", () => {
    const row: WireRow = {
      ...{ id: 1, rowId: "1", times: 1, at: NOW, platform: "LiveChat", kind: "webhook", method: "POST" },
      ...{
        path: "/hook",
        status: 200,
        ms: 5,
        request: { event: { text: "hello" } },
        response: { status: "ignored" },
      },
    };
    const note = "No rule of the Pizza BOT matches this";
    expect(count(pageOf({ chat: [line], exchanges: [row] }), note)).toBe(1);
    expect(pageOf({ chat: [line], exchanges: [{ ...row, response: { status: "accepted" } }] })).not.toContain(
      note,
    );
    expect(pageOf({ chat: [{ ...line, text: "pizza" }], exchanges: [row] })).not.toContain(note);
  });
});

test("a mention in the group is shown as it was typed", () => {
  const group = [
    { author: "ana", text: "globobot hi", isToldToBot: true },
    { author: "ana", text: "who is globobot", isToldToBot: false },
  ];
  const page = pageOf({ rooms: { group, direct: [] } });
  expect(page).toContain("<p>@globobot hi</p>");
  expect(page).toContain("<p>who is globobot</p>");
});

test("more jobs than are listed: the page says that these are the latest", () => {
  const counts = { waiting: 0, working: 0, done: 5, dead: 0 };
  const some = (count: number) => Array.from({ length: count }, () => JOB);
  expect(pageOf({ inbox: { counts, jobs: some(5) } })).toContain("The latest 4:");
  expect(pageOf({ inbox: { counts, jobs: some(4) } })).not.toContain("The latest");
});

test.each(["agents", "all"] as const)(
  "a line of the bot to %s differs from the others by its class",
  (recipients) => {
    const line = { type: "message", author: "Pizza BOT", text: "x", recipients };
    const page = pageOf({ chat: [line] });
    expect(page.includes('class="line bot to-agents"')).toBe(recipients === "agents");
  },
);

describe("with several servers", () => {
  const ofStates = (...states: ServerState[]) => states.map((state, index) => ({ number: index + 1, state }));
  const servers = ofStates("running", "running", "killed");
  const held = (isDown: boolean, state: "working" | "done" = "working"): JobLine => {
    return { ...JOB, state, holder: state === "working" ? { number: 2, isDown } : null };
  };
  const trialOf = (job: JobLine, hasOutlived: boolean) => new Map([["livechat", { job, hasOutlived }]]);
  const withJob = (job: JobLine, hasOutlived = false): Partial<View> => ({
    servers,
    troubles: new Set(["livechatFails"]),
    trials: trialOf(job, hasOutlived),
    inbox: { counts: { waiting: 0, working: 1, done: 0, dead: 0 }, jobs: [job] },
  });
  const textOf = (page: string) => page.replaceAll(/<[^>]+>/g, "").replaceAll(/\s+/g, " ");

  test("each has its state and its button", () => {
    const bar = /aria-label="The servers">(.*?)<\/ul>/s.exec(pageOf({ servers }))?.[1] ?? "";
    expect(textOf(bar).trim()).toBe(
      "server 1 running Kill server 1 server 2 running Kill server 2 server 3 killed Start server 3",
    );
    expect(bar.match(/name="server" value="\d"/g)).toHaveLength(3);
  });

  test("the inbox says which one has a job in hand, and which one had it when it was killed", () => {
    expect(textOf(pageOf(withJob(held(false))))).toContain("LiveChat, 2 attempts: server 2 has it in hand");
    expect(textOf(pageOf(withJob(held(true))))).toContain("2 attempts: server 2 had it and was killed");
  });

  test("the path leads to the one with the job in hand, and then to the inbox, where another takes it", () => {
    const kill = pageOf(withJob(held(false)));
    expect(toDo(kill)).toMatch(/^Server 2 has the job in hand. Press “Kill” for that server/);
    expect(marked(kill)).toEqual(["do-server-2"]);
    const watch = pageOf(withJob(held(true), true));
    expect(toDo(watch)).toMatch(/^Server 2 is down, and nobody starts it. Watch the inbox/);
    expect(marked(watch)).toEqual(["do-inbox"]);
  });

  test("at the end nobody had to start one, unless somebody has", () => {
    const end = { trials: trialOf(held(false, "done"), true) };
    expect(toDo(pageOf({ servers, ...end }))).toMatch(
      /^Nothing was lost, and nobody had to start a server again: although LiveChat failed and a server was killed /,
    );
    expect(toDo(pageOf({ servers: ofStates("running", "running"), ...end }))).toMatch(/^Nothing was lost: /);
  });

  test("while one runs a waiting job counts down; once all are down it needs one", () => {
    const inbox = { counts: { waiting: 1, working: 0, done: 0, dead: 0 }, jobs: [JOB] };
    expect(textOf(pageOf({ servers, inbox }))).toContain("the next in 3 s");
    expect(textOf(pageOf({ servers: ofStates("killed", "failed"), inbox }))).toContain("once a server runs");
  });
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

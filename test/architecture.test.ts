import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { importsOf } from "./support/imports.ts";
import { ROOMS, roomOf, violationsOf } from "./support/rooms.ts";

const root = fileURLToPath(new URL("../src/", import.meta.url));

/** Every TypeScript source, by its path under src. */
const SOURCES = new Map(
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .map((path) => [path, readFileSync(`${root}${path}`, "utf8")]),
);

/** The rooms that go through the list of platforms, or are shared by several: they name none. */
const PLATFORM_FREE = [
  "server.ts",
  "web/",
  "operator/",
  "work/",
  "health/",
  "pages/",
  "observer.ts",
  "platforms/keyword-bot/",
];
const PLATFORM_WORDS = /live-?chat|chat\.?io|webex|globobot|pizza/i;

function codeOf(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

function filesWith(isFound: (source: string, path: string) => boolean): string[] {
  return [...SOURCES].filter(([path, source]) => isFound(source, path)).map(([path]) => path);
}

test("nobody imports what their room may not", () => {
  expect([...SOURCES].flatMap(([path, source]) => violationsOf(path, source))).toEqual([]);
});

test("every file belongs to a room, so that a new one has to be placed", () => {
  expect(filesWith((_source, path) => roomOf(path) === undefined)).toEqual([]);
  expect(roomOf("brand-new.ts")).toBeUndefined();
});

test("every room has files, and may import only rooms below it, so that there is no circle", () => {
  const names = ROOMS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const [floor, { name, files, may }] of ROOMS.entries()) {
    for (const file of files) {
      const found = filesWith((_source, path) => path.startsWith(file));
      expect(found, `${name}: ${file}`).not.toEqual([]);
    }
    const below = names.slice(floor + 1);
    for (const other of may) expect(below, name).toContain(other.replace("types of ", ""));
  }
});

describe("there is one place", () => {
  const importers = (name: string) =>
    filesWith((source, path) => importsOf(path, source).some(({ target }) => target === name));

  test("for calls to others: http/", () => {
    for (const name of ["axios", "undici"]) {
      for (const path of importers(name)) expect(path).toMatch(/^http\//);
    }
    const others = filesWith(
      (source, path) => /\bfetch\(|\bXMLHttpRequest\b/.test(source) && !/^(sandbox|demo)\//.test(path),
    );
    expect(others).toEqual([]);
  });

  test("for the environment: config/", () => {
    const readers = filesWith((source) => /\bprocess\s*(\?\.|\.|\[)\s*["'`]?env\b/.test(source));
    // The names of proxies are no settings of ours: every program on the machine goes by them.
    expect(readers).toEqual(["config/config.ts", "http/adapter.ts"]);
    expect(importers("node:process")).toEqual([]);
  });

  test("for the database: store/sqlite", () => {
    const users = importers("node:sqlite");
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((path) => !path.startsWith("store/sqlite/"))).toEqual([]);
  });

  test("that knows each platform: platforms/list.ts, beside the commands and checks of one platform", () => {
    const isOfOne = (target: string | null) => /^platforms\/(?!list|platform\b)\w+\//.test(target ?? "");
    const knowing = filesWith(
      (source, path) =>
        !path.startsWith("platforms/") && importsOf(path, source).some(({ target }) => isOfOne(target)),
    );
    expect(knowing.toSorted()).toEqual([
      "cli/checks/chatio.ts",
      "cli/checks/livechat.ts",
      "cli/checks/webex.ts",
      "cli/installs.ts",
      "cli/keyword-installs.ts",
      "cli/livechat-webhooks.ts",
      "cli/webex-webhooks.ts",
      "cli/webhooks.ts",
    ]);
    const shared = [...SOURCES].filter(([path]) => PLATFORM_FREE.some((room) => path.startsWith(room)));
    expect(shared.filter(([, source]) => PLATFORM_WORDS.test(codeOf(source))).map(([path]) => path)).toEqual(
      [],
    );
  });

  test("that knows the server, beside the process itself: the demo", () => {
    const knowing = importers("server.ts");
    expect(knowing).toContain("main.ts");
    expect(knowing.filter((path) => path !== "main.ts" && roomOf(path)?.name !== "demo/")).toEqual([]);
  });
});

test("no source has more than 250 lines", () => {
  const count = (source: string) => source.trimEnd().split("\n").length;
  expect(filesWith((source) => count(source) > 250)).toEqual([]);
});

describe("the check itself finds", () => {
  const WEBEX = '"../platforms/webex/index.ts"';

  test.each([
    ["a platform in the worker", "work/worker.ts", `import { createWebex } from ${WEBEX};`],
    ["express in the worker", "work/worker.ts", 'import express from "express";'],
    ["a concrete store in a route", "web/receive.ts", 'import { x } from "../store/sqlite/index.ts";'],
    ["axios in a route", "web/app.ts", 'import axios from "axios";'],
    ["one platform in the other", "platforms/webex/handle.ts", 'import { x } from "../chatio/handle.ts";'],
    ["a type of it", "platforms/webex/handle.ts", 'import type { Bot } from "../chatio/client.ts";'],
    [
      "one in what they share",
      "platforms/keyword-bot/handle.ts",
      'import type { Bot } from "../chatio/client.ts";',
    ],
    ["express in a platform", "platforms/chatio/index.ts", 'import type { Request } from "express";'],
    ["more than types of accounts", "platforms/webex/handle.ts", 'import { x } from "../../accounts.ts";'],
    ["input and output in a reaction", "reactions/keywords.ts", 'import { readFileSync } from "node:fs";'],
    ["a platform in a store", "store/sqlite/inbox.ts", `import { createWebex } from "../${WEBEX.slice(1)};`],
    ["the database outside the store", "work/worker.ts", 'import { DatabaseSync } from "node:sqlite";'],
    [
      "our clients in a stand-in",
      "sandbox/webex/hooks.ts",
      'import type { X } from "../../platforms/webex/client.ts";',
    ],
    ["the server in a stand-in", "sandbox/chatio/index.ts", 'import { startServer } from "../../server.ts";'],
    ["the worker in the main file", "main.ts", 'import { createWorker } from "./work/worker.ts";'],
    ["a command in the server", "server.ts", 'import { table } from "./cli/command.ts";'],
    ["the sandbox in the server", "server.ts", 'export * from "./demo/stage.ts";'],
    ["what is outside of src", "config/config.ts", 'import manifest from "../../package.json";'],
    ["a file that nobody placed", "web/app.ts", 'import { x } from "../utils.ts";'],
    ["an import of several lines", "work/worker.ts", `import {\n  createWebex,\n} from ${WEBEX};`],
    ["an import for its effects", "work/worker.ts", `import ${WEBEX};`],
    ["an import while running", "work/worker.ts", `const x = await import(${WEBEX});`],
    ["a type in the middle of a line", "work/worker.ts", `let x: import(${WEBEX}).X;`],
    ["a name that only shows while running", "work/worker.ts", "await import(name);"],
    ["something passed on", "work/worker.ts", `export { createWebex } from ${WEBEX};`],
    ["a value among types", "work/worker.ts", 'import { type Platform, x } from "../platforms/platform.ts";'],
    ["single quotes", "work/worker.ts", "import axios from 'axios';"],
  ])("%s", (_what, path, source) => {
    expect(violationsOf(path, `// A comment.\n${source}\n`)).toHaveLength(1);
  });

  test.each([
    [
      "the contracts and its own room",
      "work/worker.ts",
      'import type { Platform } from "../platforms/platform.ts";\nimport { attempt } from "./attempt.ts";',
    ],
    ["types one by one", "work/worker.ts", 'import { type Inbox, type Store } from "../store/store.ts";'],
    [
      "its own tools",
      "platforms/webex/client.ts",
      'import { createHttp } from "../../http/http.ts";\nimport { z } from "zod";',
    ],
    ["the server in the demo", "demo/stage.ts", 'import { startServer } from "../server.ts";'],
    ["a text that looks like an import", "work/worker.ts", 'log.info("taken from \\"express\\"");'],
  ])("no fault with %s", (_what, path, source) => {
    expect(violationsOf(path, source)).toEqual([]);
  });
});

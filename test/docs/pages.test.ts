import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { runCli } from "../support/cli.ts";
import { ROOMS } from "../support/rooms.ts";
import {
  anchorsOf,
  filesNamedIn,
  linksOf,
  type Page,
  ROOT,
  readPage,
  readPages,
  rowsOf,
  scriptsIn,
} from "./markdown.ts";

const PAGES = readPages();
const { scripts: SCRIPTS } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readPage("package.json").text));

const byPath = (pages: readonly Page[]) => pages.map((page) => [page.path, page] as const);

describe.each(byPath(PAGES))("%s", (_path, page) => {
  test("links to files and headings that exist", () => {
    expect(linksOf(page).flatMap((link) => brokenIn(link) ?? [])).toEqual([]);
  });

  test("names files that exist", () => {
    expect(filesNamedIn(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("names npm scripts that exist", () => {
    expect(scriptsIn(page).filter(({ script }) => !(script in SCRIPTS))).toEqual([]);
  });
});

function brokenIn({ path, anchor }: { path: string; anchor: string | null }): string | null {
  if (!existsSync(join(ROOT, path))) return path;
  return anchor === null || anchorsOf(readPage(path)).includes(anchor) ? null : `${path}#${anchor}`;
}

test("every npm script is in the README or in docs/operate.md", () => {
  const named = ["README.md", "docs/operate.md"].flatMap((path) => scriptsIn(readPage(path)));
  expect(Object.keys(SCRIPTS).filter((name) => !named.some(({ script }) => script === name))).toEqual([]);
});

test("the README begins with the two commands that a newcomer needs, each on a line of its own", () => {
  const { text } = readPage("README.md");
  const commands = [...text.matchAll(/^```sh\n([^`]+)\n```$/gm)].map(([, command]) => command);
  expect(commands.slice(0, 2)).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
});

describe("the operator's commands have what the documents name:", () => {
  const documented = PAGES.flatMap(scriptsIn);

  test.each(["inbox", "installs", "reactions", "webhooks"] as const)(
    "the subcommands of %s",
    async (name) => {
      const { out } = await runCli(name, ["--help"], {});
      const offered = new Set([...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, sub]) => sub));
      const named = documented
        .filter(({ script }) => script === name)
        .flatMap(({ rest }) => rest.replace("--", "").split(/\\?\|/))
        .flatMap((part) => part.trim().split(" ")[0] ?? [])
        .filter((sub) => sub !== "");
      expect(named.length).toBeGreaterThan(3);
      expect(named.filter((sub) => !offered.has(sub))).toEqual([]);
    },
  );

  test.each(["backup", "doctor", "inbox", "installs", "migrate-store", "webhooks"] as const)(
    "the options of %s",
    async (name) => {
      const { out } = await runCli(name, ["--help"], {});
      const subs = [...out.matchAll(/^ {2}([a-z]+) .*\S/gm)].flatMap(([, sub]) => sub ?? []);
      const helps = await Promise.all(subs.map(async (sub) => (await runCli(name, [sub, "--help"], {})).out));
      const named = rowsOf(readPage("docs/operate.md"))
        .filter(([command = ""]) => command.includes(`npm run ${name}`))
        .flatMap((cells) => cells.join(" ").match(/--[a-z][a-z-]*/g) ?? []);
      expect(named.filter((option) => ![out, ...helps].join("\n").includes(option))).toEqual([]);
    },
  );
});

test("docs/how-it-works.md has every room, top floor first", () => {
  const { text } = readPage("docs/how-it-works.md");
  const rooms = text.slice(text.indexOf("## The rooms"), text.indexOf("## Add a platform"));
  const named = rowsOf({ path: "", text: rooms }).flatMap(([room = ""]) => /^`(.+)`$/.exec(room)?.[1] ?? []);
  expect(named).toEqual(ROOMS.map(({ name }) => name));
});

test.each([".github/bench.json", ".github/bench-postgres.json"])(
  "docs/performance.md has a row for every figure of the benchmark's results in %s",
  (path) => {
    const { figures } = z
      .object({ figures: z.array(z.object({ name: z.string() })) })
      .parse(JSON.parse(readPage(path).text));
    const rows = rowsOf(readPage("docs/performance.md")).map(([figure]) => figure);
    expect(figures.length).toBeGreaterThan(10);
    expect(figures.map(({ name }) => name).filter((name) => !rows.includes(name))).toEqual([]);
  },
);

describe("the checks find", () => {
  const page = (text: string): Page => ({ path: "docs/any.md", text });

  test("links and pictures beside the page, above it and in it, but not those that lead elsewhere", () => {
    const text = "[a](b.md) ![c](../.github/d.svg) [e](#f-g) [h](../README.md#i) [j](https://k.example/)";
    expect(linksOf(page(text))).toEqual([
      { path: "docs/b.md", anchor: null },
      { path: ".github/d.svg", anchor: null },
      { path: "docs/any.md", anchor: "f-g" },
      { path: "README.md", anchor: "i" },
    ]);
    expect(brokenIn({ path: "docs/nowhere.md", anchor: null })).toBe("docs/nowhere.md");
    expect(brokenIn({ path: "README.md", anchor: "nowhere" })).toBe("README.md#nowhere");
  });

  test("anchors as GitHub makes them", () => {
    expect(anchorsOf(page("# On the wire\n### GET /messages/{id}\n## chat.io: it's `here`\n"))).toEqual([
      "on-the-wire",
      "get-messagesid",
      "chatio-its-here",
    ]);
  });

  test("commands in text, in tables and in blocks", () => {
    const text = "`npm start`, `npm run inbox -- list \\| show <key>`\n```sh\nnpm ci && npm run demo\n```\n";
    expect(scriptsIn(page(text))).toEqual([
      { script: "start", rest: "" },
      { script: "inbox", rest: " -- list \\| show <key>" },
      { script: "demo", rest: "" },
    ]);
  });
});

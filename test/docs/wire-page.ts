import type { Exchange } from "../../src/sandbox/exchanges.ts";
import { type Entry, SECTIONS, type Section } from "./catalogue.ts";
import type { Recording } from "./recording.ts";

const INTRODUCTION = `# On the wire

Every webhook that the server receives and every call that it makes, with the JSON of both sides.
\`npm run wire\` writes this page from a run of the demo, against the built-in stand-ins; a test compares the two.

- \`•••\` stands for a token or another secret.
- \`uuid-1\` stands for a UUID, \`bot-1\` and \`id-1\` for other ids, \`ROOM-1\` for a Webex id: the base64 of
  \`ciscospark://us/ROOM/<uuid>\`. The same name is the same id wherever it appears.
- \`https://bots.example.com\` stands for \`PUBLIC_URL\`. Times are all the same.
- What was empty is not shown.

[How it works](how-it-works.md) says when each call is made.
`;

const LONGEST_LINE = 100;
const NOON = "2026-01-01T12:00:00.000Z";

/** docs/wire.md. Two recordings make the same page: what differs from run to run is replaced. Throws where a call is missing. */
export function wirePage({ exchanges, serverUrl }: Recording): string {
  const page = [INTRODUCTION, ...SECTIONS.map((section) => sectionOf(section, exchanges))].join("\n");
  return namingIds(page.replaceAll(serverUrl, "https://bots.example.com"));
}

function sectionOf(section: Section, exchanges: readonly Exchange[]): string {
  const { heading, about, platform, baseUrl, entries } = section;
  const ofPlatform = exchanges.filter((exchange) => exchange.platform === platform);
  const shown = entries.map((entry) => entryOf(entry, baseUrl, ofPlatform));
  return [`## ${heading}\n\n${about}\n`, ...shown].join("\n");
}

function entryOf(
  { heading, about, isShown }: Entry,
  baseUrl: string,
  exchanges: readonly Exchange[],
): string {
  const shown = exchanges.find(isShown);
  if (shown === undefined) throw new Error(`The recording has no ${heading}.`);
  const { method, path, request, status, response } = shown;
  return [
    `### ${heading}\n\n${about}\n`,
    `\`${method} ${baseUrl}${path}\`\n`,
    blockOf(request),
    `${status}${response === undefined ? ", without a body" : ""}\n`,
    blockOf(response),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function blockOf(body: unknown): string {
  return body === undefined
    ? ""
    : `\`\`\`json\n${pretty(JSON.parse(JSON.stringify(body, freeze)))}\n\`\`\`\n`;
}

/** What depends on the time of the run. */
function freeze(name: string, value: unknown): unknown {
  if (name === "timestamp") return Date.parse(NOON) / 1000;
  if (name === "expires_in" && Number(value) < 3920) return 3920;
  if (name === "created_at") return NOON.replace("Z", "000Z");
  return name === "created" ? NOON : value;
}

/** JSON in which whatever fits on a line is one. */
function pretty(value: unknown, indent = ""): string {
  const line = JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
  const isNested = typeof value === "object" && value !== null;
  if (!isNested || indent.length + line.length <= LONGEST_LINE) return line;
  const inner = `${indent}  `;
  const members = Array.isArray(value)
    ? value.map((member) => pretty(member, inner))
    : Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${pretty(member, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${members.map((member) => inner + member).join(",\n")}\n${indent}${close}`;
}

/** Of Webex, then UUIDs, LiveChat's bots, and LiveChat's chats and threads, which begin the ids of their events. */
const RANDOM_IDS =
  /Y2lzY29zcGFyazov[\w-]+|\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|\b[\da-f]{32}\b|(?<=")[\dA-F]{10}(?=["_])/g;

/** Ids are random: each gets a name, by its kind and in the order of the page. */
function namingIds(page: string): string {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  return page.replace(RANDOM_IDS, (id) => {
    const kind = kindOf(id);
    const number = (counts.get(kind) ?? 0) + 1;
    const name = names.get(id) ?? `${kind}-${number}`;
    if (!names.has(id)) counts.set(kind, number);
    names.set(id, name);
    return name;
  });
}

function kindOf(id: string): string {
  const ofWebex = /^ciscospark:\/\/us\/([A-Z]+)\//.exec(Buffer.from(id, "base64").toString())?.[1];
  if (ofWebex) return ofWebex;
  if (id.length === 32) return "bot";
  return id.length === 10 ? "id" : "uuid";
}

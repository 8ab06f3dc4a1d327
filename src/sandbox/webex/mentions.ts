import type { Person } from "./people.ts";

export type Mentioned = { text: string; html?: string; mentionedPeople?: string[] };

/**
 * What a client makes of "@name" for the people in the room: a mention node in the html, the bare name in the text.
 * Of a name of several words only the first is shown.
 */
export function renderMentions(written: string, people: Person[]): Mentioned {
  const byName = new Map(people.map((person) => [person.displayName, person]));
  const longestFirst = [...byName.keys()].sort((a, b) => b.length - a.length).map(escapePattern);
  // The parentheses keep the names among the parts: text, name, text, name, …
  const parts = written.split(new RegExp(`@(${longestFirst.join("|")})(?!\\w)`));
  const mentioned = parts.flatMap((part, index) => (index % 2 === 1 ? (byName.get(part) ?? []) : []));
  if (mentioned.length === 0) return { text: written };

  const text = parts.map((part, index) => (index % 2 === 1 ? firstWord(part) : part)).join("");
  const html = parts.map((part, index) =>
    index % 2 === 1 ? mentionNode(part, byName.get(part)) : escapeHtml(part),
  );
  return { text, html: html.join(""), mentionedPeople: [...new Set(mentioned.map(({ id }) => id))] };
}

function mentionNode(name: string, person: Person | undefined): string {
  const attributes = `data-object-type="person" data-object-id="${person?.id ?? ""}"`;
  return `<spark-mention ${attributes}>${escapeHtml(firstWord(name))}</spark-mention>`;
}

function firstWord(name: string): string {
  return name.split(" ")[0] ?? name;
}

function escapePattern(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

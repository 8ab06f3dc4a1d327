import { Parser } from "htmlparser2";
import { lowerCaseAscii } from "../../letter-case.ts";
import type { WebexMessage, WebexPerson } from "./client.ts";

/**
 * The message without mentions of the bot. `html` marks mentions exactly, so it is preferred. In `text` a mention is a display
 * name, which some clients shorten.
 */
export function textWithoutMentions(message: WebexMessage, me: WebexPerson): string {
  const text = message.text ?? "";
  if (message.html?.trim() && text.trim()) return textOfHtml(message.html, me);
  return message.mentionedPeople.some((id) => isSamePerson(id, me.id))
    ? withoutOuterName(text, me.displayName)
    : text;
}

/**
 * Whether two ids name the same person. A mention holds the id as base64 of `ciscospark://<cluster>/PEOPLE/<uuid>`, with or
 * without padding, or as the bare UUID (botkit issues 749 and 1813).
 */
export function isSamePerson(a: string, b: string): boolean {
  return a === b || bareId(a) === bareId(b);
}

function bareId(id: string): string {
  const uri = Buffer.from(id, "base64").toString("utf8");
  return lowerCaseAscii(uri.startsWith("ciscospark://") ? (uri.split("/").at(-1) ?? id) : id);
}

const MENTION = "spark-mention";
const NEW_LINE_AFTER = new Set(["p", "div", "br", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3"]);

function textOfHtml(html: string, me: WebexPerson): string {
  let text = "";
  let insideMention = false;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === MENTION) insideMention = isSamePerson(attributes["data-object-id"] ?? "", me.id);
    },
    ontext(piece) {
      if (!insideMention) text += piece;
    },
    onclosetag(name) {
      if (name === MENTION) {
        insideMention = false;
        text += " ";
      }
      if (NEW_LINE_AFTER.has(name)) text += "\n";
    },
  });
  parser.end(html);
  return text;
}

/** Removes the words of the name from both ends, where a mention usually is. */
function withoutOuterName(text: string, name: string): string {
  const ofName = new Set(name.toLowerCase().split(/\s+/u));
  const words = text.split(/\s+/u).filter((word) => word !== "");
  const isName = (word: string) => ofName.has(word.toLowerCase().replace(/^@/, ""));
  const first = words.findIndex((word) => !isName(word));
  const last = words.findLastIndex((word) => !isName(word));
  return first === -1 ? "" : words.slice(first, last + 1).join(" ");
}

import { refusal } from "./errors.ts";
import type { Message } from "./messages.ts";
import type { People } from "./people.ts";
import type { Rooms } from "./rooms.ts";

/** What decides whether a filter names only things the bot can see. */
export type FilterSight = { botId: string; people: People; rooms: Rooms };

type Rule = {
  isValid(value: string, sight: FilterSight): boolean;
  matches(value: string, message: Message, sight: FilterSight): boolean;
};

const isFlag = (value: string) => value === "true" || value === "false";

const rules = new Map<string, Rule>([
  [
    "roomId",
    {
      isValid: (value, { rooms }) => rooms.find(value) !== undefined,
      matches: (value, message) => message.roomId === value,
    },
  ],
  [
    "roomType",
    {
      isValid: (value) => value === "direct" || value === "group",
      matches: (value, message) => message.roomType === value,
    },
  ],
  [
    "personId",
    {
      isValid: (value, { people }) => people.find(value) !== undefined,
      matches: (value, message) => message.personId === value,
    },
  ],
  [
    "personEmail",
    {
      isValid: (value) => value.includes("@"),
      matches: (value, message) => message.personEmail.toLowerCase() === value.toLowerCase(),
    },
  ],
  [
    "mentionedPeople",
    {
      isValid: (value, sight) =>
        mentionedIds(value, sight).every((id) => sight.people.find(id) !== undefined),
      matches: (value, { mentionedPeople = [] }, sight) =>
        mentionedIds(value, sight).some((id) => mentionedPeople.includes(id)),
    },
  ],
  [
    "hasFiles",
    {
      isValid: isFlag,
      matches: (value, { files = [] }) => String(files.length > 0) === value,
    },
  ],
  [
    "hasAttachments",
    {
      isValid: isFlag,
      matches: (value, { attachments = [] }) => String(attachments.length > 0) === value,
    },
  ],
]);

/** Throws the refusal of a filter that is malformed, unknown, or names something out of sight. */
export function verifyFilter(filter: string, sight: FilterSight): void {
  for (const [key, value] of readFilter(filter)) {
    const isValid = rules.get(key)?.isValid(value, sight) ?? false;
    if (!isValid) throw refusal(400, `Invalid value for filter: ${key}`);
  }
}

/** Whether a message passes all parts of a verified filter; without a filter every message does. */
export function passesFilter(filter: string | undefined, message: Message, sight: FilterSight): boolean {
  if (filter === undefined) return true;
  return readFilter(filter).every(([key, value]) => rules.get(key)?.matches(value, message, sight) ?? false);
}

function readFilter(filter: string): [key: string, value: string][] {
  return filter.split("&").map((part) => {
    const [, key = "", value = ""] = /^([^=]*)=(.*)$/.exec(part) ?? [];
    return [key, value];
  });
}

function mentionedIds(value: string, { botId }: FilterSight): string[] {
  return value.split(",").map((id) => (id === "me" ? botId : id));
}

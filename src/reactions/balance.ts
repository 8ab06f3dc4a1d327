/** The accounts and their balances. IDs match in any case. */
export type Ledger = {
  /** The balance of an account in cents, due minus paid; null: unknown account. */
  lookup(id: string): bigint | null;
  /** The same key for every spelling of an account's ID. */
  keyOf(id: string): string;
};

const HOW_TO_ASK =
  "End your message with the account ID and nothing after it, for example: balance for acct100";

/** Characters of an ID that a reply repeats; a longer one is cut, because Webex refuses long messages. */
const LONGEST_ID_SHOWN = 100;

/** The words of a text, with their punctuation. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== "");
}

/** The reply to a message that asks for the balance of the account named by its last word. */
export function replyWithBalance(words: readonly string[], ledger: Ledger): string {
  const id = words.at(-1);
  if (id === undefined) return `Hello! I look up account balances. ${HOW_TO_ASK}`;
  const cents = ledger.lookup(id);
  if (cents !== null) return `balance for ${id}: ${formatCents(cents)} USD`;
  return `balance for ${shortened(id)}: unknown account\n${hint(words, ledger)}`;
}

function hint(words: readonly string[], ledger: Ledger): string {
  const named = words.map((word) => idWithin(word, ledger)).filter((id) => id !== null);
  const [meant, another] = new Map(named.map((id) => [ledger.keyOf(id), id])).values();
  if (meant === undefined || another !== undefined) return HOW_TO_ASK;
  return `Did you mean ${meant}? End your message with the account ID.`;
}

/** The known account that the word names, as written or without the punctuation after, before or around it. */
function idWithin(word: string, ledger: Ledger): string | null {
  const characters = [...word];
  const first = Math.max(characters.findIndex(isOfWord), 0);
  const end = characters.findLastIndex(isOfWord) + 1;
  const ways = [[0], [0, end], [first], [first, end]].map((range) => characters.slice(...range).join(""));
  return [...new Set(ways)].find((way) => ledger.lookup(way) !== null) ?? null;
}

/** Symbols count as punctuation: people put IDs between < and >, and clients turn quotes into backticks. */
function isOfWord(character: string): boolean {
  return !/[\p{P}\p{S}]/u.test(character);
}

/** Cents as units with two decimals, e.g. -1005n as "-10.05". */
export function formatCents(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  return `${cents < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The ID, cut if it is too long to be one. */
export function shortened(id: string): string {
  const characters = [...id];
  return characters.length <= LONGEST_ID_SHOWN ? id : `${characters.slice(0, LONGEST_ID_SHOWN).join("")}…`;
}

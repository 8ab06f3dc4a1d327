/** Reply to a text, or null where there is nothing to say. */
export type Reaction = (text: string) => string | null;

/**
 * The word alone, in any case. A letter, digit or joining character beside it makes it another word, in any script, with
 * or without marks on it (`\b` would know ASCII only). The marks that make an emoji of a sign do not count as such, and a
 * digit inside a keycap (U+20E3) is no digit any more.
 */
const PIZZA = /(?<![\p{L}\p{N}\p{Pc}](?:(?!\u20E3)\p{M})*)pizzas?(?![\p{L}\p{M}\p{N}\p{Pc}])/iu;

export const PIZZA_REPLY = "Pizza is on the way!";

export const reactToKeywords: Reaction = (text) => (PIZZA.test(text) ? PIZZA_REPLY : null);

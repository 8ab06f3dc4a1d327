/** The reply to a text, or null. */
export type Reaction = (text: string) => string | null;

/**
 * The word alone, in any case. A letter, digit or connector next to it makes it a different word, in any script, with or
 * without combining marks (`\b` knows only ASCII). Marks that turn a symbol into an emoji do not count, nor does a digit in
 * a keycap (U+20E3).
 */
const PIZZA = /(?<![\p{L}\p{N}\p{Pc}](?:(?!\u20E3)\p{M})*)pizzas?(?![\p{L}\p{M}\p{N}\p{Pc}])/iu;

export const PIZZA_REPLY = "Pizza is on the way!";

export const reactToKeywords: Reaction = (text) => (PIZZA.test(text) ? PIZZA_REPLY : null);

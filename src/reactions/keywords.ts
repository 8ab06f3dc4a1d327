/** Reply to a text, or null where there is nothing to say. */
export type Reaction = (text: string) => string | null;

/**
 * The word alone, in any case. A letter, mark, digit or joining character beside it makes it another word, in any
 * script; `\b` would know those of ASCII only.
 */
const PIZZA = /(?<![\p{L}\p{M}\p{N}\p{Pc}])pizzas?(?![\p{L}\p{M}\p{N}\p{Pc}])/iu;

export const PIZZA_REPLY = "Pizza is on the way!";

export const reactToKeywords: Reaction = (text) => (PIZZA.test(text) ? PIZZA_REPLY : null);

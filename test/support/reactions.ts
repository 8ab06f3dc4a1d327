import { createReaction, PIZZA_RULES } from "../../src/reactions/keywords.ts";

/** The built-in rule. */
export const reactToPizza = createReaction(PIZZA_RULES);

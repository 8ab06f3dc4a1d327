/** C0, DEL and C1, with which a text could steer a terminal; and what turns the direction of the text around it. */
const HIDDEN = /[\p{Cc}\p{Bidi_Control}]/gu;
const HIDDEN_IN_LINES = /[[\p{Cc}\p{Bidi_Control}]--\n]/gv;

/** A text from outside for one place in one line: control characters show as `\u001b`, line ends too. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** The same for whole lines: their ends stay. JSON stays the same JSON. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN_IN_LINES, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Control characters (C0, DEL, C1), which could steer a terminal, and those that change the direction of text. */
const HIDDEN = /[\p{Cc}\p{Bidi_Control}]/gu;
const HIDDEN_IN_LINES = /[[\p{Cc}\p{Bidi_Control}]--\n]/gv;

/** Text from outside, made safe to show in one line: control characters and line ends show as escapes, e.g. `\u000a`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** The same for several lines; line ends stay. Inside JSON strings the escapes mean the same characters. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN_IN_LINES, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

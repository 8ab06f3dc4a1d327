/**
 * Lower-cases A to Z only, for names that mean the same in any case. toLowerCase() would also turn U+212A, the Kelvin
 * sign, into a k, and one address into another.
 */
export function lowerCaseAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Makes texts equal that differ only in case, in any script. Letters that merely share an upper or lower case form (K and
 * the Kelvin sign, s and the long s, i and the dotless i, ss and the sharp s) stay different.
 */
export function foldCase(text: string): string {
  return text.replace(/[a-z]+|\P{ASCII}/gu, (letters) => {
    const upper = letters.toUpperCase();
    return upper.toLowerCase() === letters ? upper : letters;
  });
}

/** The text with its first letter in upper case. */
export function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** The sentence as it stands in the middle of another: without its first capital, unless a name in capitals begins there. */
export function decapitalized(sentence: string): string {
  return /^[A-Z][a-z ]/.test(sentence)
    ? `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`
    : sentence;
}

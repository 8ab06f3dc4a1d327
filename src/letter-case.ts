/**
 * With A to Z in lower case, for names that mean the same in any case. toLowerCase() does more: of U+212A, the Kelvin
 * sign, it makes a k, and so of one address another.
 */
export function lowerCaseAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * The same for texts that differ in nothing but the case of their letters, in any script. Letters that only have an
 * upper or lower case in common with another (K and the Kelvin sign, s and the long s, i and the i without a dot, ss
 * and the sharp s) stay different.
 */
export function foldCase(text: string): string {
  return text.replace(/[a-z]+|\P{ASCII}/gu, (letters) => {
    const upper = letters.toUpperCase();
    return upper.toLowerCase() === letters ? upper : letters;
  });
}

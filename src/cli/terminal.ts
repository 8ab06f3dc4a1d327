/** Prints a line, or several, for a person or a machine to read. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

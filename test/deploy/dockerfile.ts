import { z } from "zod";

/** An instruction of a Dockerfile, such as RUN, with what follows it on one line. */
export type Instruction = { name: string; rest: string };

const words = z.array(z.string());

/** Its instructions, in their order. Knows comments and continued lines; no variables and no here-documents. */
export function instructionsOf(dockerfile: string): Instruction[] {
  return dockerfile
    .replace(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name = "", rest = ""] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      return { name, rest };
    });
}

/** The program and its arguments in the JSON of CMD, or of CMD within HEALTHCHECK. */
export function commandIn({ rest }: Instruction): string[] {
  return words.parse(JSON.parse(rest.slice(rest.indexOf("["))));
}

/** The variables that all ENV set. */
export function environmentIn(instructions: readonly Instruction[]): Record<string, string> {
  const pairs = instructions.filter(({ name }) => name === "ENV").flatMap(({ rest }) => rest.split(" "));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}

/** What all COPY copy from the project. Each target must be the folder or the source's own name. */
export function copiedIn(instructions: readonly Instruction[]): string[] {
  return instructions
    .filter(({ name }) => name === "COPY")
    .flatMap(({ rest }) => {
      const parts = rest.split(" ");
      const [target, sources] = [parts.at(-1), parts.slice(0, -1)];
      if (target !== "./" && target !== `./${sources.join()}`)
        throw new Error(`not understood: COPY ${rest}`);
      return sources;
    });
}

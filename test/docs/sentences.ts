/** A text in a source, and where it stands: the calls around it, from the outside, as "name:number of the argument". */
export type Text = {
  /** What `${…}` puts into it is written "…". */
  text: string;
  calls: readonly string[];
  /** The variable or field that it is given to directly; empty: none. */
  given: string;
};

type Frame = { callee: string; argument: number; isTemplate: boolean };

/** Every string and template in a TypeScript source, those within templates included; none of comments and patterns. */
export function textsIn(source: string): Text[] {
  const texts: Text[] = [];
  const frames: Frame[] = [];
  let at = 0;

  function textHere(quote: string): void {
    const before = source.slice(0, at);
    const found = { calls: callsAround(frames), given: /(\w+)\s*[:=]\s*$/.exec(before)?.[1] ?? "" };
    let text = "";
    at += 1;
    while (at < source.length && source[at] !== quote) {
      if (quote === "`" && source.startsWith("${", at)) {
        at += 2;
        frames.push({ callee: "", argument: 0, isTemplate: true });
        scan();
        text += "…";
      } else {
        if (source[at] === "\\") at += 1;
        text += source[at];
        at += 1;
      }
    }
    at += 1;
    texts.push({ text, ...found });
  }

  /** Returns after the brace that ends the innermost `${`, or at the end of the source. */
  function scan(): void {
    while (at < source.length) {
      const skipped = SKIPPED.map((pattern) => matchAt(pattern, source, at)).find((match) => match !== null);
      const char = source[at] ?? "";
      if (
        skipped &&
        (char !== "/" || skipped.startsWith("//") || skipped.startsWith("/*") || mayBeginPattern(source, at))
      )
        at += skipped.length;
      else if ("\"'`".includes(char)) textHere(char);
      else if (step(char)) return;
    }
  }

  /** Whether the innermost template's `${` has ended. */
  function step(char: string): boolean {
    at += 1;
    const frame = frames.at(-1);
    if ("([{".includes(char)) {
      const callee = char === "(" ? (/([\w.]+)$/.exec(source.slice(0, at - 1))?.[1] ?? "") : "";
      frames.push({ callee, argument: 0, isTemplate: false });
    } else if (")]}".includes(char)) frames.pop();
    else if (char === "," && frame) frame.argument += 1;
    return char === "}" && frame?.isTemplate === true;
  }

  scan();
  return texts;
}

const SKIPPED = [
  /\/\/[^\n]*/y,
  /\/\*[\s\S]*?\*\//y,
  /\/(?![/*])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n\\[])+\/[a-z]*/y,
];

function matchAt(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
}

/** Whether a slash here begins a pattern rather than divides. */
function mayBeginPattern(source: string, at: number): boolean {
  return /[(,=:[!&|?{};]\s*$/.test(source.slice(0, at));
}

function callsAround(frames: readonly Frame[]): string[] {
  return frames.filter(({ callee }) => callee !== "").map(({ callee, argument }) => `${callee}:${argument}`);
}

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A page of Markdown, by its path in the project. */
export type Page = { path: string; text: string };

/** Everything written for readers of the project. */
export function readPages(): Page[] {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", "CONTRIBUTING.md", ...docs.map((name) => `docs/${name}`)].map(readPage);
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(ROOT, path), "utf8") };
}

/** Where its links and pictures within the project lead: a path in the project, and the anchor there, if any. */
export function linksOf({ path, text }: Page): { path: string; anchor: string | null }[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = "", anchor = null] = target.split("#");
      return { path: file === "" ? path : join(dirname(path), file).replaceAll("\\", "/"), anchor };
    });
}

/** The anchors that its headings get on GitHub. */
export function anchorsOf({ text }: Page): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Files of the project that are named in the text, such as `src/main.ts`. */
export function filesNamedIn({ text }: Page): string[] {
  return [...text.matchAll(/`((?:src|test|docs|\.github|\.ci)\/[^`\s*<]*)`/g)].map(([, path = ""]) => path);
}

/** The scripts of package.json that it tells the reader to run, each with what follows it. */
export function scriptsIn({ text }: Page): { script: string; rest: string }[] {
  const named = /\bnpm (?:run (?:--\S+ )?([\w-]+)|(start|test)\b)([^`\n]*)/g;
  return [...text.matchAll(named)].map(([, run, own, rest = ""]) => ({ script: run ?? own ?? "", rest }));
}

/** The rows of all its tables, each as its cells. */
export function rowsOf({ text }: Page): string[][] {
  return [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) =>
    row.split(/(?<!\\)\|/).map((cell) => cell.trim()),
  );
}

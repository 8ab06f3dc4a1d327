import { posix } from "node:path";

export type Import = {
  /** A path under src, or the name of a package; null for one that is only known while running. */
  target: string | null;
  isPackage: boolean;
  /** Nothing of it is left when the program runs. */
  isTypeOnly: boolean;
};

const STATEMENT = /\b(?:import|export)\s+(type\s+)?([\w\s{},*$]*?)\bfrom\s*["']([^"']+)["']/g;
const SIDE_EFFECT = /\bimport\s*["']([^"']+)["']/g;
const DYNAMIC = /\b(?:import|require)\s*\(\s*(?:["'`]([^"'`$]+)["'`])?/g;

/** Everything that a source imports or passes on, wherever and however. `path` is its own, under src. */
export function importsOf(path: string, source: string): Import[] {
  const statements = [...source.matchAll(STATEMENT)].map(([, type, names = "", name = ""]) =>
    importOf(path, name, type !== undefined || hasTypesOnly(names)),
  );
  const others = [...source.matchAll(SIDE_EFFECT), ...source.matchAll(DYNAMIC)].map(([, name]) =>
    importOf(path, name, false),
  );
  return [...statements, ...others];
}

function hasTypesOnly(names: string): boolean {
  const [, within] = /^\s*\{([^}]*)\}\s*$/.exec(names) ?? [];
  if (within === undefined) return false;
  const each = within.split(",").filter((name) => name.trim() !== "");
  return each.length > 0 && each.every((name) => /^\s*type\s/.test(name));
}

function importOf(path: string, name: string | undefined, isTypeOnly: boolean): Import {
  if (name === undefined) return { target: null, isPackage: false, isTypeOnly };
  if (name.startsWith("node:")) return { target: name, isPackage: true, isTypeOnly };
  if (name.startsWith(".")) {
    return { target: posix.join(posix.dirname(path), name), isPackage: false, isTypeOnly };
  }
  const words = name.split("/").slice(0, name.startsWith("@") ? 2 : 1);
  return { target: words.join("/"), isPackage: true, isTypeOnly };
}

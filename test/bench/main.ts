import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { strict } from "../chaos/whole-number.ts";
import { FULL_PACE, startBench } from "./bench.ts";
import { FIGURES } from "./figures/index.ts";
import { plot } from "./plot.ts";
import { plotRivals } from "./plot-rivals.ts";
import { jsonOf, type Results, rivalsTable, tableOf } from "./report.ts";
import { run } from "./run.ts";

type Options = { only?: string[]; json?: string; profile?: string; strict?: boolean };

const CURVE = "curve";
const RIVALS = "rivals";
const DEFAULT_JSON = fileURLToPath(new URL("../../.github/bench.json", import.meta.url));

const options = strict(new Command("npm run bench --"))
  .description(
    "Measures the server against baselines in the same run: a table, and files with the results and a plot beside them.",
  )
  .addOption(
    new Option("--only <figure...>", "not all of them").choices([
      ...FIGURES.map(({ id }) => id),
      RIVALS,
      CURVE,
    ]),
  )
  .option(
    "--json <file>",
    "the results; the plots get its name with .svg and -rivals.svg (default: .github/bench.json, unless --only)",
  )
  .option("--profile <folder>", "puts CPU profiles of the server there")
  .option("--strict", "exit code 1 when a target is missed")
  .parse()
  .opts<Options>();

const isAsked = (id: string) => options.only === undefined || options.only.includes(id);

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const bench = await startBench(FULL_PACE, profiling(options));
const figures = FIGURES.filter(({ id }) => isAsked(id));
try {
  const results = await run(bench, {
    figures,
    withCurve: isAsked(CURVE),
    withRivals: isAsked(RIVALS),
    tell: (line) => console.error(line),
  });
  if (results.figures.length > 0) process.stdout.write(`${tableOf(results.figures)}\n`);
  if (results.rivals) process.stdout.write(`${rivalsTable(results.rivals)}\n`);
  write(results, options);
  process.exitCode = options.strict && results.figures.some(({ holds }) => !holds) ? 1 : 0;
} finally {
  await bench.stop();
}

function profiling({ profile }: Options): string[] {
  return profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];
}

/** Some figures alone are not to take the place of all. */
function write(results: Results, { json, only }: Options): void {
  const path = json ?? (only === undefined ? DEFAULT_JSON : null);
  if (path === null) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, jsonOf(results));
  const beside = (end: string) => path.replace(/(\.json)?$/, end);
  if (results.latencyCurve) writeFileSync(beside(".svg"), plot(results.latencyCurve));
  if (results.rivals) writeFileSync(beside("-rivals.svg"), plotRivals(results.rivals));
}

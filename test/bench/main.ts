import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { strict } from "../chaos/whole-number.ts";
import { FULL_PACE, startBench } from "./bench.ts";
import { FIGURES } from "./figures/index.ts";
import { plot } from "./plot.ts";
import { jsonOf, type Results, tableOf } from "./report.ts";
import { run } from "./run.ts";

type Options = { only?: string[]; json?: string; profile?: string; strict?: boolean };

const CURVE = "curve";
const DEFAULT_JSON = fileURLToPath(new URL("../../.github/bench.json", import.meta.url));

const options = strict(new Command("npm run bench --"))
  .description(
    "Measures the server against baselines in the same run: a table, and files with the results and a plot beside them.",
  )
  .addOption(
    new Option("--only <figure...>", "not all of them").choices([...FIGURES.map(({ id }) => id), CURVE]),
  )
  .option(
    "--json <file>",
    "the results; the plot gets its name with .svg (default: .github/bench.json, unless --only)",
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
    tell: (line) => console.error(line),
  });
  process.stdout.write(`${tableOf(results.figures)}\n`);
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
  if (results.latencyCurve) writeFileSync(path.replace(/(\.json)?$/, ".svg"), plot(results.latencyCurve));
}

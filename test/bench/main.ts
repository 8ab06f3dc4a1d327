import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { strict } from "../chaos/whole-number.ts";
import { FULL_PACE, startBench } from "./bench.ts";
import type { Measured } from "./figure.ts";
import { FIGURES } from "./figures/index.ts";
import { plot } from "./plot.ts";
import { plotRivals } from "./plot-rivals.ts";
import { measurePostgres } from "./postgres/index.ts";
import { splitsTable } from "./postgres/splits.ts";
import { jsonOf, type Results, rivalsTable, tableOf } from "./report.ts";
import { run } from "./run.ts";

type Options = {
  database: "sqlite" | "postgres";
  only?: string[];
  json?: string;
  profile?: string;
  strict?: boolean;
};

const CURVE = "curve";
const RIVALS = "rivals";
const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const DEFAULT_JSON = inRoot(".github/bench.json");
const POSTGRES_JSON = inRoot(".github/bench-postgres.json");

const command = strict(new Command("npm run bench --"))
  .description(
    "Measures the server against baselines in the same run: a table, and files with the results and a plot beside them.",
  )
  .addOption(
    new Option("--database <kind>", "postgres: several servers on a PostgreSQL that is started for it")
      .choices(["sqlite", "postgres"])
      .default("sqlite"),
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
    "the results; the plots get its name with .svg and -rivals.svg (default: .github/bench.json, unless --only; .github/bench-postgres.json)",
  )
  .option("--profile <folder>", "puts CPU profiles of the server there")
  .option("--strict", "exit code 1 when a target is missed")
  .parse();
const options = command.opts<Options>();
if (options.database === "postgres" && options.only !== undefined)
  command.error(
    "error: --only is for figures on SQLite; with --database postgres all of its figures are measured",
  );

const isAsked = (id: string) => options.only === undefined || options.only.includes(id);

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const bench = await startBench(FULL_PACE, profiling(options));
try {
  const figures = options.database === "postgres" ? await onPostgres() : await onSqlite();
  process.exitCode = options.strict && figures.some(({ holds }) => !holds) ? 1 : 0;
} finally {
  await bench.stop();
}

async function onPostgres(): Promise<readonly Measured[]> {
  const results = await measurePostgres(bench, (line) => console.error(line));
  process.stdout.write(`${tableOf(results.figures)}\n${splitsTable(results.splits)}\n`);
  writeTo(options.json ?? POSTGRES_JSON, jsonOf(results));
  return results.figures;
}

async function onSqlite(): Promise<readonly Measured[]> {
  const figures = FIGURES.filter(({ id }) => isAsked(id));
  const results = await run(bench, {
    figures,
    withCurve: isAsked(CURVE),
    withRivals: isAsked(RIVALS),
    tell: (line) => console.error(line),
  });
  if (results.figures.length > 0) process.stdout.write(`${tableOf(results.figures)}\n`);
  if (results.rivals) process.stdout.write(`${rivalsTable(results.rivals)}\n`);
  write(results, options);
  return results.figures;
}

function profiling({ profile }: Options): string[] {
  return profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];
}

/** Some figures alone are not to take the place of all. */
function write(results: Results, { json, only }: Options): void {
  const path = json ?? (only === undefined ? DEFAULT_JSON : null);
  if (path === null) return;
  writeTo(path, jsonOf(results));
  const beside = (end: string) => path.replace(/(\.json)?$/, end);
  if (results.latencyCurve) writeFileSync(beside(".svg"), plot(results.latencyCurve));
  if (results.rivals) writeFileSync(beside("-rivals.svg"), plotRivals(results.rivals));
}

function writeTo(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

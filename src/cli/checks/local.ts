import type { Config } from "../../config/config.ts";
import { ConfigError, sentenceOf } from "../../errors.ts";
import { PLATFORMS } from "../../platforms/list.ts";
import { readRules } from "../../rules.ts";
import { isShortPassword } from "../../secrets.ts";
import { hasStore } from "../../stores.ts";
import { withStore } from "../open-store.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const list = new Intl.ListFormat("en", { type: "conjunction" });

/** Checks what needs no network: settings and database. */
export async function checkLocal(config: Config): Promise<Finding[]> {
  return [
    checkSettings(config),
    ...checkNames(config),
    checkRules(config),
    checkOperatorPassword(config),
    await checkDatabase(config),
  ];
}

function checkSettings(config: Config): Finding {
  const setUp = PLATFORMS.filter(({ isSetUp }) => isSetUp(config)).map(
    ({ description }) => description.title,
  );
  if (setUp.length === 0)
    return problem("settings", "no platform is set up", "fill in .env; .env.example explains it");
  const missing = PLATFORMS.filter(({ isSetUp }) => !isSetUp(config)).map(
    ({ description }) => description.notSetUp,
  );
  const [verb, end] = [setUp.length === 1 ? "is" : "are", missing.length === 0 ? "" : "."];
  return ok("settings", [`${list.format(setUp)} ${verb} set up${end}`, ...missing].join(" "));
}

function checkNames({ warnings }: Config): Finding[] {
  return warnings.map((says) => warning("settings", says, "correct the name in the environment or in .env"));
}

function checkRules({ reactionsFile: path }: Config): Finding {
  if (path === null) return ok("reactions", "REACTIONS_FILE is not set: the built-in rule applies");
  try {
    const count = readRules(path).length;
    if (count > 0) return ok("reactions", `${path} can be used; rules in it: ${count}`);
    return warning("reactions", `${path} has no rules, so the bot never replies`, "add a rule to it");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return problem("reactions", error.message, "fix it, then see: npm run reactions -- list");
  }
}

function checkOperatorPassword({ operatorPassword }: Config): Finding {
  if (operatorPassword === null)
    return ok("operators", "ADMIN_PASSWORD is not set, so /status, /crm and /metrics do not exist");
  if (!isShortPassword(operatorPassword)) return ok("operators", "ADMIN_PASSWORD is set");
  return warning("operators", "ADMIN_PASSWORD is short", "use a long random one: openssl rand -base64 24");
}

async function checkDatabase(config: Config): Promise<Finding> {
  const { database } = config;
  const title = database.kind === "sqlite" ? database.path : `PostgreSQL at ${new URL(database.url).host}`;
  if (!hasStore(config)) return ok("database", `${title} will be created at the first start`);
  try {
    await withStore(config, (store) => store.check());
    return ok("database", `${title} can be written`);
  } catch (error) {
    const todo =
      database.kind === "sqlite"
        ? "check that its folder and file can be written, and that the disk has space"
        : "check DATABASE_URL, and that PostgreSQL runs and can be reached from here";
    return problem("database", sentenceOf(error), todo);
  }
}

import { existsSync } from "node:fs";
import { createFileLedger } from "../../accounts.ts";
import type { Config } from "../../config/config.ts";
import { sentenceOf } from "../../errors.ts";
import { createLog } from "../../log.ts";
import { withStore } from "../open-store.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** What can be known without asking anybody: settings, database, accounts. */
export async function checkLocal(config: Config): Promise<Finding[]> {
  return [checkSettings(config), checkAdmin(config), await checkDatabase(config), ...checkAccounts(config)];
}

function checkSettings({ chatio, webex }: Config): Finding {
  if (!chatio && !webex)
    return problem("settings", "neither chat.io nor Webex is set up", "fill in .env, see .env.example");
  if (chatio && webex) return ok("settings", "chat.io and Webex are set up");
  return ok("settings", chatio ? "chat.io is set up, Webex is not" : "Webex is set up, chat.io is not");
}

function checkAdmin({ adminPassword }: Config): Finding {
  if (adminPassword === null)
    return ok("operators", "ADMIN_PASSWORD is not set, so /status, /crm and /metrics do not exist");
  if (adminPassword.length >= 12) return ok("operators", "ADMIN_PASSWORD is set");
  return warning("operators", "ADMIN_PASSWORD is short", "take a long random one: openssl rand -base64 24");
}

async function checkDatabase(config: Config): Promise<Finding> {
  const { databasePath: path } = config;
  if (!existsSync(path)) return ok("database", `${path} will be made at the first start`);
  try {
    const dead = await withStore(config, async (store) => {
      await store.check();
      return (await store.desk.countByState()).dead;
    });
    if (dead === 0) return ok("database", `${path} can be written, and no job in it is dead`);
    return warning("database", `jobs that are dead: ${dead}`, "npm run inbox -- list --state dead");
  } catch (error) {
    return problem(
      "database",
      sentenceOf(error),
      "see that its folder and file can be written, and that the disk has space",
    );
  }
}

function checkAccounts({ accountsFile, webex }: Config): Finding[] {
  if (!webex) return [];
  if (accountsFile === null) {
    return [
      warning(
        "accounts",
        "globobot tells the balances of a built-in sample",
        "put your file into ACCOUNTS_FILE",
      ),
    ];
  }
  try {
    createFileLedger(accountsFile, createLog("silent"));
    return [ok("accounts", `${accountsFile} can be read`)];
  } catch (error) {
    return [
      problem("accounts", sentenceOf(error), "mend the file; a running server keeps what was last good"),
    ];
  }
}

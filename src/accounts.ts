import { visit } from "jsonc-parser";
import { z } from "zod";
import { ConfigError, sentenceOf } from "./errors.ts";
import { readJsonFile, versionOf } from "./json-file.ts";
import { foldCase } from "./letter-case.ts";
import type { Log } from "./log.ts";
import type { Ledger } from "./reactions/balance.ts";

/** The sample accounts of the Globomantics CRM. */
const SAMPLE = {
  ACCT100: { paid: 60, due: 100 },
  ACCT200: { paid: 70, due: 60 },
  ACCT300: { paid: 0, due: 0 },
};

/** A JSON number holds up to thirteen digits and two decimals exactly. */
const DECIMAL = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/;

/** A number or a decimal string, as cents. */
const amount = z
  .union([z.number(), z.string()], "must be a number or a decimal string")
  .refine(
    (value) => DECIMAL.test(String(value)),
    "must be an amount with at most 13 digits before the point and 2 after it",
  )
  .transform((value) => {
    const [, sign = "", units = "0", decimals = ""] = DECIMAL.exec(String(value)) ?? [];
    const cents = BigInt(units) * 100n + BigInt(decimals.padEnd(2, "0"));
    return sign === "" ? cents : -cents;
  });

const account = z.strictObject({ paid: amount, due: amount }, "must be an object with paid and due");

type Balances = ReadonlyMap<string, bigint>;

/** The balances by case-folded ID. Throws ConfigError that names the wrong account and field. */
function balancesOf(content: unknown): Balances {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError("the content must be an object whose names are account IDs");
  }
  const balances = new Map<string, bigint>();
  for (const [id, value] of Object.entries(content)) {
    if (!/^\S+$/u.test(id)) throw new ConfigError(`account "${id}": an ID is one word, without spaces`);
    const read = account.safeParse(value);
    if (!read.success) throw new ConfigError(`account "${id}"${complaintOf(read.error)}`);
    balances.set(foldCase(id), read.data.due - read.data.paid);
  }
  return balances;
}

function complaintOf({ issues: [issue] }: z.ZodError): string {
  const field = issue?.path.join(".");
  return `${field ? `, field "${field}"` : ""}: ${issue?.message ?? "is not an account"}`;
}

function ledgerOf(current: () => Balances): Ledger {
  return { lookup: (id) => current().get(foldCase(id)) ?? null, keyOf: foldCase };
}

/** A ledger of the built-in sample accounts. */
export function createSampleLedger(): Ledger {
  const balances = balancesOf(SAMPLE);
  return ledgerOf(() => balances);
}

/**
 * A ledger of a JSON file, read again whenever the file changes. Throws ConfigError when the file is invalid at first; when
 * a change makes it invalid, the accounts read before stay in use and an error is logged.
 */
export function createFileLedger(path: string, log: Log): Ledger {
  let seen = versionOf(path);
  let balances = readBalances(path);

  function refresh(): void {
    const version = versionOf(path);
    if (version === seen) return;
    seen = version;
    try {
      balances = readBalances(path);
      log.info({ accounts: balances.size }, "The accounts file has changed; it was read again.");
    } catch (error) {
      log.error(`${sentenceOf(error)} The accounts read before stay in use.`);
    }
  }

  return ledgerOf(() => {
    refresh();
    return balances;
  });
}

function readBalances(path: string): Balances {
  return readJsonFile("ACCOUNTS_FILE", path, (json) => {
    const balances = balancesOf(JSON.parse(json));
    verifyUniqueNames(json);
    return balances;
  });
}

/**
 * JSON.parse silently keeps the last of two equal names, and IDs that differ only in case name the same account. Throws
 * ConfigError with the account, the field if that is what appears twice, and the lines.
 */
function verifyUniqueNames(json: string): void {
  const accounts = new Map<string, number>();
  let fields = new Map<string, number>();
  visit(json, {
    onObjectProperty(name, _offset, _length, lineBefore, _column, pathTo) {
      const line = lineBefore + 1;
      const [account, ...deeper] = pathTo();
      if (account === undefined) {
        verifyNew(accounts, foldCase(name), line, `account "${name}"`, "; IDs match in any case");
        fields = new Map();
      } else if (deeper.length === 0) {
        verifyNew(fields, name, line, `account "${account}": field "${name}"`);
      }
    },
  });
}

function verifyNew(lines: Map<string, number>, key: string, line: number, what: string, why = ""): void {
  const first = lines.get(key);
  if (first === undefined) {
    lines.set(key, line);
    return;
  }
  const where = first === line ? `line ${line}` : `lines ${first} and ${line}`;
  throw new ConfigError(`${what} appears twice, on ${where}${why}`);
}

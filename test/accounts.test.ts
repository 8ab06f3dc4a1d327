import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFileLedger, createSampleLedger } from "../src/accounts.ts";
import { ConfigError } from "../src/errors.ts";
import { formatCents } from "../src/reactions/balance.ts";
import { createLogSink } from "./support/log.ts";
import { temporaryFolder } from "./support/store.ts";

/** A ledger over a file of its own, which `write` changes. Strings are written as they are. */
function openLedger(content: unknown) {
  const path = join(temporaryFolder(), "accounts.json");
  const write = (next: unknown) =>
    writeFileSync(path, typeof next === "string" ? next : JSON.stringify(next));
  write(content);
  const sink = createLogSink();
  return { path, write, sink, ledger: createFileLedger(path, sink.log) };
}

function complaint(content: unknown): string {
  try {
    openLedger(content);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the file was taken");
}

test("the built-in sample holds due minus paid of its three accounts, in any case", () => {
  const { lookup } = createSampleLedger();
  expect(["ACCT100", "acct200", "AcCt300"].map(lookup)).toEqual([4000n, -1000n, 0n]);
  expect(lookup("acct400")).toBeNull();
});

test("property names of every JavaScript object are not accounts", () => {
  const ledgers = [createSampleLedger(), openLedger({ ACCT1: { paid: 0, due: 1 } }).ledger];
  for (const { lookup } of ledgers) {
    for (const id of ["__proto__", "constructor", "toString", "hasOwnProperty", "", " ", "null"]) {
      expect(lookup(id)).toBeNull();
    }
  }
});

test("an ID with a look-alike letter does not match another account", () => {
  const { lookup } = openLedger({ KIS1: { paid: 0, due: 1 } }).ledger;
  expect(["KIS1", "kis1", "Kis1"].map(lookup)).toEqual([100n, 100n, 100n]);
  expect(["\u212aIS1", "K\u01311S1", "K\u0130S1", "KI\u017f1", "KI\u00df1"].map(lookup)).toEqual(
    Array(5).fill(null),
  );
});

test("IDs beyond ASCII match in any case, but look-alikes are two accounts", () => {
  const account = (due: number) => ({ paid: 0, due });
  const { lookup } = openLedger({ "KUNDE-\u00e41": account(1), K: account(2), "\u212a": account(3) }).ledger;
  expect(["kunde-\u00c41", "KUNDE-\u00e41", "k", "\u212a"].map(lookup)).toEqual([100n, 100n, 200n, 300n]);
});

test("a byte order mark at the start of the file is skipped", () => {
  const { ledger, write } = openLedger('\ufeff{"A1":{"paid":0,"due":1}}');
  expect(ledger.lookup("a1")).toBe(100n);
  write('\ufeff\n{"A1":{"paid":0,"due":22}}');
  expect(ledger.lookup("a1")).toBe(2200n);
});

test("they may be accounts where a file says so, and stay among themselves", () => {
  const { ledger } = openLedger('{"__proto__":{"paid":0,"due":1},"constructor":{"paid":0,"due":2}}');
  expect(["__proto__", "CONSTRUCTOR", "toString"].map(ledger.lookup)).toEqual([100n, 200n, null]);
});

describe("amounts", () => {
  const amount = fc
    .record({
      sign: fc.constantFrom("", "-"),
      units: fc.bigInt({ min: 0n, max: 9_999_999_999_999n }),
      decimals: fc.stringMatching(/^\d{0,2}$/),
      asText: fc.boolean(),
    })
    .map(({ sign, units, decimals, asText }) => {
      const text = `${sign}${units}${decimals === "" ? "" : `.${decimals}`}`;
      const cents = units * 100n + BigInt(decimals.padEnd(2, "0"));
      return { json: asText ? `"${text}"` : text, cents: sign === "" ? cents : -cents };
    });

  test("are exact to the cent, as numbers and as decimal strings, however large", () => {
    const { write, ledger } = openLedger({});
    let size = 0;
    fc.assert(
      fc.property(amount, amount, (paid, due) => {
        // Trailing spaces give each file a size of its own, however coarse the file system's clock is.
        size += 1;
        write(`{"A":{"paid":${paid.json},"due":${due.json}}}${" ".repeat(size * 70)}`);
        expect(ledger.lookup("a")).toBe(due.cents - paid.cents);
      }),
    );
  });

  test("are written with two decimals, and nothing owed is never -0.00", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (cents) => {
        const text = formatCents(cents);
        expect(text).toMatch(/^-?(0|[1-9]\d*)\.\d{2}$/);
        expect(text).not.toBe("-0.00");
        expect(BigInt(text.replace(".", ""))).toBe(cents);
      }),
    );
    const { ledger } = openLedger(
      '{"A":{"paid":-0.00,"due":"-0"},"B":{"paid":0.1,"due":0.1},"C":{"paid":"007.5","due":1},"D":{"paid":0.1,"due":0.3}}',
    );
    expect(["C", "D"].map(ledger.lookup)).toEqual([-650n, 20n]);
    for (const id of ["A", "B"]) expect(formatCents(ledger.lookup(id) ?? -1n)).toBe("0.00");
  });
});

describe("an invalid file is refused, and the error names the wrong account and field", () => {
  test.each([
    ["an amount of words", { A1: { paid: "much", due: 1 } }, 'account "A1", field "paid": must be an amount'],
    ["three decimals", { A1: { paid: 1, due: 1.005 } }, 'account "A1", field "due": must be an amount'],
    ["more digits than are exact", { A1: { paid: 1, due: 1e15 } }, 'account "A1", field "due": must be'],
    ["an amount like 1e3", { A1: { paid: "1e3", due: 1 } }, 'account "A1", field "paid"'],
    ["an empty amount", { A1: { paid: "", due: 1 } }, 'account "A1", field "paid"'],
    [
      "an amount that is missing",
      { A1: { paid: 1 } },
      'account "A1", field "due": must be a number or a decimal string',
    ],
    [
      "an amount of another type",
      { A1: { paid: true, due: 1 } },
      'account "A1", field "paid": must be a number',
    ],
    [
      "a field too many",
      { A1: { paid: 1, due: 1, dew: 2 } },
      'account "A1": must be an object with paid and due',
    ],
    ["no fields at all", { A1: 5 }, 'account "A1": must be an object with paid and due'],
    ["an ID of two words", { "A 1": { paid: 1, due: 1 } }, 'account "A 1": an ID is one word'],
    ["an empty ID", { "": { paid: 1, due: 1 } }, 'account "": an ID is one word'],
    [
      "one ID in two cases",
      { a1: { paid: 1, due: 1 }, A1: { paid: 2, due: 2 } },
      'account "A1" appears twice, on line 1; IDs match in any case',
    ],
    [
      "one ID in two cases, the other way round",
      { A1: { paid: 1, due: 1 }, a1: { paid: 2, due: 2 } },
      'account "a1" appears twice, on line 1; IDs match in any case',
    ],
    [
      "one ID twice, of which JSON would keep the last",
      '{\n  "A1": {"paid": 1, "due": 1},\n  "A2": {"paid": 1, "due": 1},\n  "A1": {"paid": 2, "due": 2}\n}',
      'account "A1" appears twice, on lines 2 and 4; IDs match in any case',
    ],
    [
      "one ID in two cases, lines apart",
      '{\r\n"\u00e41": {"paid": 1, "due": 1},\r\n\r\n"\u00c41": {"paid": 2, "due": 2}}',
      'account "\u00c41" appears twice, on lines 2 and 4',
    ],
    [
      "one ID twice, written with an escape",
      '{"A1": {"paid": 1, "due": 1}, "\\u0041\\u0031": {"paid": 2, "due": 2}}',
      'account "A1" appears twice',
    ],
    [
      "a name twice that every JavaScript object knows",
      '{"__proto__": {"paid": 1, "due": 1}, "__proto__": {"paid": 2, "due": 2}}',
      'account "__proto__" appears twice',
    ],
    [
      "a field twice",
      '{"A1": {"paid": 1,\n"due": 1, "paid": 2}}',
      'account "A1": field "paid" appears twice, on lines 1 and 2',
    ],
    ["a list", [{ paid: 1, due: 1 }], "an object whose names are account IDs"],
    ["null", "null", "an object whose names are account IDs"],
    ["not JSON", "{", "it is not valid JSON"],
  ])("%s", (_what, content, sentence) => {
    expect(complaint(content)).toContain(sentence);
    expect(complaint(content)).toMatch(/^ACCOUNTS_FILE: .*accounts\.json cannot be used: /);
  });

  test("a missing file or a folder is named by its path", () => {
    const folder = temporaryFolder();
    const { log } = createLogSink();
    const missing = join(folder, "missing.json");
    expect(() => createFileLedger(missing, log)).toThrow(ConfigError);
    expect(() => createFileLedger(missing, log)).toThrow(missing);
    expect(() => createFileLedger(folder, log)).toThrow(ConfigError);
  });

  test("accounts given in place of a path are refused", () => {
    const accounts = JSON.stringify(
      Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`A${n}`, { paid: 1, due: 2 }])),
    );
    expect(() => createFileLedger(accounts, createLogSink().log)).toThrow(ConfigError);
  });
});

describe("a file that changes", () => {
  const one = { A1: { paid: 0, due: 1 } };
  const two = { A1: { paid: 0, due: 22 }, A2: { paid: 0, due: 3 } };

  test("is read again without a restart, and that is logged", () => {
    const { write, ledger, sink } = openLedger(one);
    write(two);
    expect(["A1", "A2"].map(ledger.lookup)).toEqual([2200n, 300n]);
    write(one);
    expect(["A1", "A2"].map(ledger.lookup)).toEqual([100n, null]);
    expect(sink.messages()).toEqual(Array(2).fill("The accounts file has changed; it was read again."));
  });

  test("to something invalid is logged once, and the last good accounts stay in use until it is fixed", () => {
    const { path, write, ledger, sink } = openLedger(one);
    write({ A1: { paid: 0, due: "much" } });
    for (let n = 0; n < 3; n += 1) expect(ledger.lookup("A1")).toBe(100n);
    expect(sink.messages()).toHaveLength(1);
    expect(sink.messages()[0]).toContain(`${path} cannot be used: account "A1", field "due"`);
    expect(sink.messages()[0]).toContain("The accounts read before stay in use.");
    write(two);
    expect(ledger.lookup("A1")).toBe(2200n);
  });

  test("by being replaced is read again", () => {
    const { path, ledger } = openLedger(one);
    writeFileSync(`${path}.new`, JSON.stringify({ A1: { paid: 0, due: 9 } }));
    renameSync(`${path}.new`, path);
    expect(ledger.lookup("A1")).toBe(900n);
  });

  test("by vanishing, even with its folder, does not lose the accounts", () => {
    const { path, write, ledger, sink } = openLedger(one);
    rmSync(path);
    expect(ledger.lookup("A1")).toBe(100n);
    expect(sink.messages()[0]).toContain("ENOENT");
    rmSync(join(path, ".."), { recursive: true });
    writeFileSync(join(path, ".."), "");
    expect(ledger.lookup("A1")).toBe(100n);
    rmSync(join(path, ".."));
    mkdirSync(join(path, ".."));
    write(two);
    expect(ledger.lookup("A1")).toBe(2200n);
  });
});

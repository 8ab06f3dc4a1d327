import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, readPage, rowsOf } from "../docs/markdown.ts";
import { startTestServer } from "../support/server.ts";

const text = readFileSync(join(ROOT, "deploy/alerts.yml"), "utf8");
const PASSWORD = "correct-horse-battery-staple";

/** The rules as far as this file needs them: no YAML in general, only this shape, line by line. */
function rulesIn(yaml: string): { alert: string; expr: string }[] {
  const lines = yaml.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const body = lines.slice(3).join("\n");
  expect(lines.slice(0, 3)).toEqual(["groups:", "  - name: chatops-server", "    rules:"]);
  return body
    .split(/^ {6}- /m)
    .slice(1)
    .map((rule) => {
      const shape =
        /^alert: (\w+)\n {8}expr: (.+)\n(?: {8}for: \d+m\n)? {8}labels:\n {10}severity: (?:page|ticket)\n {8}annotations:\n {10}summary: [^:\n]+\n {10}description: [^:\n]+\n?$/;
      const [, alert = "", expr = ""] = shape.exec(rule) ?? [];
      return { alert, expr };
    });
}

describe("deploy/alerts.yml", () => {
  test("has three rules of the shape that promtool has accepted", () => {
    expect(rulesIn(text).map(({ alert }) => alert)).toEqual([
      "ChatopsPlatformFailing",
      "ChatopsBacklog",
      "ChatopsDeadJobs",
    ]);
  });

  test("names metrics and labels that the server has", async () => {
    const { url } = await startTestServer({
      ADMIN_PASSWORD: PASSWORD,
      WT_API_TOKEN: "no-such-token",
      WT_API_URL: "http://127.0.0.1:1",
    });
    const authorization = `Basic ${Buffer.from(`operator:${PASSWORD}`).toString("base64")}`;
    const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization } })).text();

    const named = rulesIn(text).flatMap(({ expr }) => expr.match(/chatops_\w+(\{[^}]*\})?/g) ?? []);

    expect(named).toHaveLength(3);
    expect(named.filter((series) => !metrics.includes(`\n${series}`))).toEqual([]);
    // The label that a summary names.
    expect(metrics).toContain('chatops_platform_failing{platform="webex"}');
  });

  test("alarms only on what docs/operate.md says is worth an alarm", () => {
    const worth = rowsOf(readPage("docs/operate.md")).map(([metric]) => metric);
    const named = rulesIn(text).flatMap(({ expr }) => expr.match(/chatops_\w+(\{[^}]*\})?/g) ?? []);
    expect(named.filter((series) => !worth.includes(`\`${series}\``))).toEqual([]);
  });
});

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Bench, FULL_PACE, startBench } from "./bench.ts";
import { processorTimes } from "./cpu.ts";
import { type Figure, isMet, measuredOf, median, type Round } from "./figure.ts";
import { acksIgnored } from "./figures/acks.ts";
import { type Curve, measureCurve } from "./figures/curve.ts";
import { acceptTime, claimTime } from "./figures/inbox.ts";
import { FIGURES } from "./figures/index.ts";
import { plot } from "./plot.ts";
import { dripAndReact, percentile } from "./reactions.ts";
import { jsonOf, tableOf } from "./report.ts";
import { type Installed, LICENSE } from "./upstream/facts.ts";

const TINY = {
  ...FULL_PACE,
  rounds: 1,
  shortRounds: 1,
  percentileRounds: 1,
  roundMs: 60,
  jobs: { settled: 200, waiting: 20 },
  hanging: { licenses: 2, jobsEach: 2 },
  chats: 300,
  reactions: 20,
  backlog: 3000,
  settleMs: 0,
  licenses: 10,
  everydayAfterMs: 0,
  cpuMs: 100,
  patienceMs: 1000,
};

/** Each of these starts servers, beside all other tests. */
const PATIENCE_MS = 90_000;

/** Of rounds that were measured at all. */
const areNumbers = (rounds: readonly Round[] = []) =>
  rounds.map(({ ours, baseline }) => ours >= 0 && baseline > 0);

const figure: Figure = {
  id: "invented",
  name: "an invented figure",
  baseline: "an invented baseline",
  unit: "/s",
  target: { ratio: { atLeast: 0.9 } },
  measure: async () => [],
};

const line = (slower: number) => ({
  maxPerSecond: 4000 / slower,
  points: [0.25, 0.5, 1].map((share) => ({ share, p50: share * slower, p99: 10 * share * slower })),
});
const CURVE: Curve = { ours: line(3), bare: line(1) };

describe("with real servers", () => {
  let bench: Bench;
  let small: Bench;
  beforeAll(async () => {
    bench = await startBench(TINY);
    small = await withLess();
  }, PATIENCE_MS);
  afterAll(() => bench.stop());

  test("measures a figure", async () => {
    const [round, ...others] = await acksIgnored.measure(bench);

    expect(others).toEqual([]);
    expect(round?.ours).toBeGreaterThan(10);
    expect(round?.baseline).toBeGreaterThan(10);
  });

  /**
   * The same, except that an empty server of a figure's own is the pair's, which is empty, too, and that some delivery is
   * due in the shortest of times, however slow the machine is.
   */
  async function withLess(): Promise<Bench> {
    const { ours } = await bench.pair(0);
    return {
      ...bench,
      startOurs: async (name, prepare, rules) =>
        prepare || rules ? bench.startOurs(name, prepare, rules) : { ...ours, stop: async () => {} },
      drip: (target, order) => bench.drip(target, { ...order, perSecond: Math.max(order.perSecond, 100) }),
    };
  }

  test.each([
    "one-livechat-reaction",
    "replies",
    "hang",
    "backlog-cpu",
    "backlog-acks",
    "backlog-reactions",
    "recovery",
    "home",
    "idle-cpu",
  ])(
    "measures the figure %s",
    async (id) => {
      const rounds = await FIGURES.find((one) => one.id === id)?.measure(small);

      expect(areNumbers(rounds)).toEqual([true]);
    },
    PATIENCE_MS,
  );

  test("measures accepting and claiming in a full inbox", async () => {
    expect(areNumbers(await acceptTime.measure(bench))).toEqual([true]);
    expect(areNumbers(await claimTime.measure(bench))).toEqual([true]);
  });

  test("a process that is busy takes much of a core, and one that has nothing to do next to nothing", async () => {
    const busy = bench.resources.keep(spawn(process.execPath, ["-e", "for (;;);"]));
    const idle = await bench.startOther("trivial");
    const shares = async (pid = 0, ms = 0) =>
      (await processorTimes(pid, 2, ms)).map(({ ours, baseline }) => ours / baseline);

    // Others may want the core, too.
    expect(Math.max(...(await shares(busy.pid, 250)))).toBeGreaterThan(0.06);
    busy.kill();
    expect(Math.min(...(await shares(idle.pid, 300)))).toBeLessThan(0.05);
    await idle.stop();
  });

  test("chat.io answers 503 for a license that is down, until it is well again, and nothing for one that hangs", async () => {
    const { urls, behave, install } = bench.upstream;
    const info = async ({ accessToken }: Installed) => {
      const headers = { Authorization: `Bearer ${accessToken}` };
      const signal = AbortSignal.timeout(300);
      return fetch(`${urls.chatio}/info`, { headers, signal }).then(
        ({ status }) => status,
        () => null,
      );
    };
    await behave([1], "down");
    await behave([2], "hangs");
    const installed = await install([1, 2, 3]);

    expect(await Promise.all(installed.map(info))).toEqual([503, null, 200]);
    await behave([1, 2], "well");
    expect(await Promise.all(installed.map(info))).toEqual([200, 200, 200]);
  });

  test("a reaction that does not end counts with the time that was waited for it", async () => {
    const { ours } = await bench.pair(0);
    const order = { kinds: ["balance", "pizza"], connections: 4, perSecond: 50, ms: 100 } as const;
    const { reactionP95: soon } = await dripAndReact(bench, ours, order);
    await bench.upstream.behave([LICENSE], "down");
    const { reactionP95: never } = await dripAndReact(bench, ours, order);
    await bench.upstream.behave([LICENSE], "well");

    expect(soon).toBeLessThan(TINY.patienceMs);
    expect(never).toBeGreaterThan(TINY.patienceMs);
  });

  test("measures the latency curve", async () => {
    expect(wrongsOf(plot(await measureCurve(small)))).toEqual([]);
  });

  test("a figure of deliveries that are not answered as they should be fails aloud", async () => {
    const { bare } = await bench.pair(0);
    const refused = { ...bare, answers: { ...bare.answers, pizza: "duplicate" } };
    const order = { kinds: ["pizza"], connections: 1, count: 3 } as const;

    await expect(bench.flood(refused, order)).rejects.toThrow(
      '3 deliveries were answered 200 {"status":"accepted"}',
    );
    expect((await bench.flood(bare, order)).answers).toEqual({ '200 {"status":"accepted"}': 3 });
  });

  test("leaves nothing behind", async () => {
    const { ours, bare } = await bench.pair(0);

    await bench.stop();

    await vi.waitFor(() => expect([ours.pid, bare.pid].filter(isAlive)).toEqual([]));
    expect(existsSync(bench.resources.folder)).toBe(false);
  });
});

test("a percentile is the value that so many are not above", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect(percentile(hundred, 0.95)).toBe(95);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([], 0.95)).toBeNaN();
});

test("the median is the one in the middle, or the mean of the two", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 2, 4])).toBe(3);
  expect(median([])).toBeNaN();
});

test("the ratio is the median of neighbours' ratios, not the ratio of the medians", () => {
  const rounds = [
    { ours: 10, baseline: 10 },
    { ours: 50, baseline: 100 },
    { ours: 900, baseline: 1000 },
  ];
  expect(measuredOf(figure, rounds)).toMatchObject({ ratio: 0.9, ours: 50, baselineValue: 100, holds: true });
});

describe("a target", () => {
  const rounds = [{ ours: 1, baseline: 1, limited: 20 }];
  test("is met at its very bound, on its side of it", () => {
    expect(isMet({ ratio: { atLeast: 0.9 } }, 0.9, [])).toBe(true);
    expect(isMet({ ratio: { atLeast: 0.9 } }, 0.899, [])).toBe(false);
    expect(isMet({ ratio: { atMost: 1.3 } }, 1.3, [])).toBe(true);
    expect(isMet({ ratio: { atMost: 1.3 } }, 1.301, [])).toBe(false);
  });

  test("with a limit is not met when one round is beyond it, or does not tell", () => {
    const target = { ratio: { atMost: 3 }, limit: { of: "p99", unit: "ms", atMost: 25 } } as const;
    expect(isMet(target, 1, rounds)).toBe(true);
    expect(isMet(target, 1, [...rounds, { ours: 1, baseline: 1, limited: 25.1 }])).toBe(false);
    expect(isMet(target, 1, [{ ours: 1, baseline: 1 }])).toBe(false);
  });

  test("may be a limit alone, whatever the ratio is", () => {
    const target = { limit: { of: "p95", unit: "ms", atMost: 500 } } as const;
    const slow = [{ ours: 500, baseline: 1, limited: 500 }];
    expect(isMet(target, 500, slow)).toBe(true);
    expect(isMet(target, 501, [...slow, { ours: 501, baseline: 1, limited: 501 }])).toBe(false);
    expect(measuredOf({ ...figure, target }, slow)).toMatchObject({ target: "p95 <= 500 ms", holds: true });
  });
});

test("the table shows what is missed, and the file can be read by machines", () => {
  const good = measuredOf(figure, [{ ours: 950, baseline: 1000 }]);
  const bad = measuredOf({ ...figure, name: "a bad one" }, [{ ours: 123.456_789, baseline: 1000 }]);
  const limit = { of: "p95", unit: "ms", atMost: 500 } as const;
  const beyond = measuredOf({ ...figure, target: { limit } }, [{ ours: 950, baseline: 1000, limited: 501 }]);
  const [headings, first, second, third] = tableOf([good, bad, beyond]).split("\n");
  expect(headings).toMatch(/^FIGURE +OURS +BASELINE +RATIO +TARGET/);
  expect(first).toMatch(
    /^an invented figure +950\/s +1,000\/s \(an invented baseline\) +0\.95 +>= 0\.90 +ok$/,
  );
  expect(second).toMatch(/^a bad one +123\/s .* 0\.12 +>= 0\.90 +MISSED$/);
  expect(third).toMatch(/ 0\.95 +p95 <= 500 ms +MISSED \(worst p95 501\.0 ms\)$/);

  const machine = { node: "v24", cpu: "any", cpus: 2, memoryGb: 8, fsyncMs: 0.1, commit: null };
  const results = { date: "", machine, loadPerSecond: 1, figures: [bad], rivals: null, latencyCurve: CURVE };
  expect(JSON.parse(jsonOf(results))).toMatchObject({
    cpus: 2,
    figures: [{ ours: 123.46, baseline: 1000, ratio: 0.12346, target: ">= 0.90", holds: false }],
    latencyCurve: { bare: { maxPerSecond: 4000 } },
  });
});

test("every figure can be asked for by an id of its own", () => {
  expect(new Set(FIGURES.map(({ id }) => id)).size).toBe(FIGURES.length);
});

test("the plot is well-formed SVG with a line for each server and percentile", () => {
  expect(wrongsOf(plot(CURVE))).toEqual([]);
  expect(wrongsOf(plot(CURVE).replace("</desc>", ""))).not.toEqual([]);
});

/** What is wrong with it as an image; every element is closed in its turn. */
function wrongsOf(svg: string): string[] {
  const wrongs: string[] = svg.match(/NaN|undefined|Infinity/g) ?? [];
  const open: string[] = [];
  for (const [tag, slash, name = ""] of svg.matchAll(/<(\/?)(\w+)[^<>]*>/g)) {
    if (slash === "/" && open.pop() !== name) wrongs.push(`${tag} comes out of turn`);
    if (slash !== "/" && !tag.endsWith("/>")) open.push(name);
  }
  const curves = svg.match(/ d="M[\d.,]+(L[\d.,]+)+"/g) ?? [];
  if (curves.length !== 4) wrongs.push(`${curves.length} curves`);
  if (!svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" ')) wrongs.push("it does not begin as SVG");
  return [...wrongs, ...open.map((name) => `<${name}> is never closed`)];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

import { expect, test } from "vitest";
import type { LastHour, Minute } from "../../../src/operator/activity.ts";
import { hourCard, inWords } from "../../../src/operator/pages/hour.ts";
import { wordsOf } from "../../support/operator.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 5, 14, 30, 20);
const FIRST = Date.UTC(2026, 0, 5, 13, 31);

type Overrides = { since?: number; isKept?: boolean; reactions?: LastHour["reactions"] };
type Happened = { deliveries?: Partial<Minute["deliveries"]>; reactions?: Minute["reactions"] };

/** An hour in which nothing happened but what is said of its minutes, by how many of them went before. */
function anHour(happened: Record<number, Happened> = {}, overrides: Overrides = {}): LastHour {
  const none = { accepted: 0, duplicate: 0, ignored: 0, refused: 0 };
  const minutes = Array.from({ length: 60 }, (_, index) => ({
    startsAt: FIRST + index * MINUTE,
    deliveries: { ...none, ...happened[index]?.deliveries },
    reactions: happened[index]?.reactions ?? null,
  }));
  const some = minutes.find(({ reactions }) => reactions !== null);
  return {
    since: NOW - 86_400_000,
    isKept: false,
    minutes,
    reactions: some?.reactions ?? null,
    ...overrides,
  };
}

const reaction = (medianMs: number, p95Ms: number) => ({ count: 1, medianMs, p95Ms });

/** The drawing for wide screens, as text. */
function wide(hour: LastHour): string {
  const [drawing] = /<svg class="plot wide".*?<\/svg>/s.exec(String(hourCard(hour, NOW))) ?? [];
  if (drawing === undefined) throw new Error("nothing is drawn");
  return drawing;
}

function pathOf(drawing: string, className: string): string {
  return new RegExp(`<path class="${className}"[^>]* d="([^"]*)"`).exec(drawing)?.[1] ?? "none";
}

const labels = (drawing: string) => [...drawing.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text);
const barsOf = (drawing: string, kind: string) => pathOf(drawing, `bar ${kind}`).split("z").slice(0, -1);

test("an hour in which nothing happened has words but no plot", () => {
  expect(String(hourCard(anHour(), NOW))).not.toContain("plot");
  expect(inWords(anHour(), NOW)).toBe("In the last hour: nothing has happened.");
  expect(inWords(anHour({}, { since: NOW - 25 * MINUTE }), NOW)).toBe(
    "Since 14:05 UTC, when the server was started: nothing has happened.",
  );
});

test("the words have the totals of the hour, for each kind that occurred, one in the singular", () => {
  const happened = {
    3: { deliveries: { accepted: 2, refused: 1 } },
    59: { deliveries: { accepted: 1, duplicate: 4 } },
  };

  expect(inWords(anHour(happened), NOW)).toBe(
    "In the last hour: 8 deliveries (3 accepted, 4 duplicate, 1 refused). No reactions.",
  );
  expect(inWords(anHour(happened, { reactions: { count: 7, medianMs: 45, p95Ms: 1230 } }), NOW)).toMatch(
    / 7 reactions, half of them within 45 ms, 95 % within 1\.2 s\.$/,
  );
  expect(inWords(anHour({ 0: { deliveries: { ignored: 1 } } }), NOW)).toContain("1 delivery (1 ignored).");
  expect(inWords(anHour({}, { reactions: reaction(600_000, 600_000) }), NOW)).toBe(
    "In the last hour: no deliveries. 1 reaction, after 10 min.",
  );
});

test("the plot is an image with a description in words, for wide and for narrow screens", () => {
  const hour = anHour({ 1: { deliveries: { accepted: 1 } } });
  const card = String(hourCard(hour, NOW));

  for (const name of ["wide", "narrow"]) {
    expect(card).toMatch(
      new RegExp(
        `<svg class="plot ${name}" viewBox="[\\d ]+" role="img" aria-labelledby="plot-${name} plot-${name}-words">`,
      ),
    );
    expect(card).toContain(`<title id="plot-${name}">`);
    expect(card).toContain(`<desc id="plot-${name}-words">${inWords(hour, NOW)}</desc>`);
  }
  const ids = [...card.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(card).not.toMatch(/style=|NaN|undefined|Infinity|\bfalse\b/);
});

test("the kinds of a minute are stacked, each with its own fill", () => {
  const drawing = wide(anHour({ 0: { deliveries: { accepted: 2, duplicate: 1, ignored: 1, refused: 1 } } }));

  const edges = ["accepted", "duplicate", "ignored", "refused"].map((kind) => {
    const [, low, high] = /^M[\d.]+,([\d.]+)V([\d.]+)h/.exec(barsOf(drawing, kind)[0] ?? "") ?? [];
    return [Number(low), Number(high)];
  });

  expect(edges[0]?.[0]).toBe(152);
  for (const [index, [low = 0, high = 0]] of edges.entries()) {
    expect(high).toBeLessThan(low);
    if (index > 0) expect(low).toBe(edges[index - 1]?.[1]);
  }
  expect(drawing).toMatch(/bar duplicate" fill="url\(#kind-duplicate\)"/);
  expect(drawing).toMatch(/bar refused" fill="url\(#kind-refused\)"/);
});

test("a later minute is further right, and a minute without deliveries has no bar", () => {
  const drawing = wide(anHour({ 0: { deliveries: { accepted: 1 } }, 59: { deliveries: { accepted: 1 } } }));

  const places = barsOf(drawing, "accepted").map((bar) => Number.parseFloat(bar.slice(1)));

  expect(places).toHaveLength(2);
  expect(places[0]).toBe(70);
  expect(places[1]).toBeGreaterThan(930);
  expect(pathOf(drawing, "bar refused")).toBe("");
});

test("times are in UTC, deliveries in whole numbers, reactions in ms and s", () => {
  const drawing = wide(
    anHour({
      5: { deliveries: { accepted: 1 }, reactions: reaction(40, 900) },
      6: { reactions: reaction(80, 2000) },
    }),
  );

  expect(labels(drawing)).toEqual([
    ...["Deliveries per minute", "0", "1"],
    ...["Reaction time", "10 ms", "100 ms", "1 s", "10 s"],
    ...["UTC", "13:45", "14:00", "14:15"],
  ]);
});

test("all reaction times from a millisecond to an hour fit into the plot", () => {
  const drawing = wide(
    anHour({ 1: { reactions: reaction(1, 1) }, 2: { reactions: reaction(3_604_479, 3_604_479) } }),
  );

  expect(labels(drawing).slice(3, -4)).toEqual(["Reaction time", "1 ms", "100 ms", "10 s", "1000 s"]);
  expect(pathOf(drawing, "dots")).toMatch(/^M[\d.]+,318h0M[\d.]+,2\d\d\.?\d*h0$/);
});

test("the line has a gap where there were no reactions, and each minute has its dot and its spread", () => {
  const drawing = wide(
    anHour({
      1: { reactions: reaction(10, 20) },
      2: { reactions: reaction(20, 40) },
      9: { reactions: reaction(10, 10) },
    }),
  );

  expect(pathOf(drawing, "median").match(/M/g)).toHaveLength(2);
  expect(pathOf(drawing, "median").match(/L/g)).toHaveLength(1);
  expect(pathOf(drawing, "dots").match(/M/g)).toHaveLength(3);
  expect(pathOf(drawing, "spread").match(/m-3,0h6/g)).toHaveLength(3);
});

test("a young server's plot begins with its start, so that bars are as wide as there is room for", () => {
  const happened = { 30: { deliveries: { accepted: 1 } }, 59: { deliveries: { accepted: 1 } } };

  const young = wide(anHour(happened, { since: FIRST + 30.5 * MINUTE }));

  const [first = "", last = ""] = barsOf(young, "accepted");
  expect(Number.parseFloat(first.slice(1))).toBe(70);
  expect(Number.parseFloat(last.slice(1))).toBeGreaterThan(900);
  const widthOf = (drawing: string) => Number(/h([\d.]+)V/.exec(barsOf(drawing, "accepted")[0] ?? "")?.[1]);
  expect(widthOf(young)).toBeGreaterThan(1.9 * widthOf(wide(anHour(happened))));
  expect(young).not.toContain("unknown");
});

test("the plot shows ten minutes at least; what is before the start is marked, and the legend says so", () => {
  const hour = anHour({ 59: { deliveries: { accepted: 1 } } }, { since: FIRST + 57 * MINUTE });

  const [, left, width] =
    /<rect class="unknown" x="([\d.]+)" y="\d+" width="([\d.]+)"/.exec(wide(hour)) ?? [];
  expect(Number(left)).toBe(70);
  expect(Number(width)).toBeCloseTo((952 - 70) * 0.7, 0);
  expect(legendOf(hour)).toMatch(/ before the start$/);

  const old = anHour({ 59: { deliveries: { accepted: 1 } } });
  expect(wide(old)).not.toContain("unknown");
  expect(legendOf(old)).not.toContain("before the start");
});

test("the words of a young server say beside them why they begin with its start", () => {
  const note = "The figures begin anew with each start of the server; no job is lost by that.";
  expect(wordsOf(String(hourCard(anHour({}, { since: NOW - 25 * MINUTE }), NOW)))).toContain(note);
  expect(wordsOf(String(hourCard(anHour(), NOW)))).not.toContain(note);
  const shared = wordsOf(String(hourCard(anHour({}, { since: NOW - 25 * MINUTE, isKept: true }), NOW)));
  expect(shared).not.toContain(note);
  expect(shared).toContain("when the first server was started");
});

function legendOf(hour: LastHour): string {
  return wordsOf(/<ul class="legend".*?<\/ul>/s.exec(String(hourCard(hour, NOW)))?.[0] ?? "");
}

test("the legend says what every kind is, and both marks of reactions", () => {
  expect(legendOf(anHour({ 0: { deliveries: { accepted: 1 } } }))).toBe(
    "accepted: became a job duplicate: had come before ignored: asks for nothing refused: could not be taken median: half were faster 95th percentile: 95 of 100 were faster",
  );
});

test("beside the plot stands what a delivery and a reaction time are", () => {
  const words = wordsOf(String(hourCard(anHour({ 0: { deliveries: { accepted: 1 } } }), NOW)));
  expect(words).toContain("A delivery is one webhook");
  expect(words).toContain("A reaction time runs");
});

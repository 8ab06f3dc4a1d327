import { lengthOf } from "../durations.ts";
import type { InboxDesk } from "../store/store.ts";
import type { Outage } from "./failing.ts";
import type { Titles } from "./titles.ts";

const DAY_MS = 86_400_000;
/** Chats with something waiting are counted up to here. */
const MOST_COUNTED = 1000;
/** Longer than any bot goes without a call, and less than what makes an outage forgotten. */
const SILENT_MS = 890_000;

const NONE_WAITS = "no jobs are waiting";

export type Counts = Pick<InboxDesk, "countUnsettled" | "countUnsettledLanes">;

/** That it fails, since when, how, and how much waits for it; without a full stop. */
export async function outageSentence(outage: Outage, titles: Titles, desk: Counts): Promise<string> {
  const { since, outcome } = outage;
  const waits = await waiting(outage, desk).catch(() => "what waits cannot be read");
  return `${titleOf(outage, titles)} has been failing since ${clockOf(since)} UTC: ${outcome}; ${waits}`;
}

/** That it is over. An outage of which nobody has heard for long was not overcome. */
export function endSentence(outage: Outage, titles: Titles): string {
  const { silentMs, lastedMs } = outage;
  if (silentMs > SILENT_MS)
    return `${titleOf(outage, titles)} was failing and has not been called for ${lengthOf(silentMs)}.`;
  return `${titleOf(outage, titles)} works again; it failed for ${lengthOf(lastedMs)}.`;
}

function titleOf({ platform, quota }: Outage, titles: Titles): string {
  return quota === null ? titles.platform(platform) : titles.subject(quota);
}

async function waiting({ platform, quota }: Outage, desk: Counts): Promise<string> {
  if (quota === null) {
    const jobs = (await desk.countUnsettled())[platform] ?? 0;
    if (jobs === 0) return NONE_WAITS;
    return jobs === 1 ? "1 job is waiting" : `${jobs} jobs are waiting`;
  }
  const chats = await desk.countUnsettledLanes(quota, MOST_COUNTED);
  if (chats === 0) return NONE_WAITS;
  const more = chats === MOST_COUNTED ? " or more" : "";
  return `jobs are waiting in ${chats}${more} ${chats === 1 ? "chat" : "chats"}`;
}

/** "23:48", or "2026-01-05 23:48" of another day. */
function clockOf(ms: number): string {
  const text = new Date(ms).toISOString().replace("T", " ");
  const isToday = Math.floor(ms / DAY_MS) === Math.floor(Date.now() / DAY_MS);
  return text.slice(isToday ? 11 : 0, 16);
}

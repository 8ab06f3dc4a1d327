import { formatDuration, formatMinute, formatTime } from "../durations.ts";
import type { Hold, InboxDesk } from "../store/store.ts";
import type { Outage } from "./failing.ts";
import type { Titles } from "./titles.ts";

/** A job that has waited longer means that the server is falling behind. */
const BACKLOG_MS = 60_000;
/** Shorter pauses are common, and end before anybody can look into them. */
const NOTEWORTHY_PAUSE_MS = 60_000;
const MOST_PAUSES_NAMED = 5;
/** Chats with waiting jobs are counted up to this number. */
const MOST_COUNTED = 1000;
/** Longer than any bot goes without a call, and shorter than the time after which an outage is forgotten. */
const SILENT_MS = 890_000;

const NONE_WAITS = "no jobs are waiting";

/** Says that jobs have waited too long, without a full stop; null: none has. Throws StoreError. */
export async function backlogSentence(
  desk: Pick<InboxDesk, "longestWaitMs" | "countByState">,
): Promise<string | null> {
  const longestMs = await desk.longestWaitMs();
  if (longestMs === null || longestMs <= BACKLOG_MS) return null;
  const { waiting } = await desk.countByState();
  return `Jobs are waiting: ${waiting}, the oldest for ${formatDuration(longestMs)}`;
}

/** `says` has no full stop; `todo` is the command that ends the pause. */
export type LongPause = { readonly says: string; readonly todo: string | null };

/** The pauses of more than a minute that platforms have asked for. `now`: ms since 1970. */
export function longPauses(holds: readonly Hold[], titles: Titles, now: number): LongPause[] {
  const long = holds.filter(({ reason, ms }) => reason === "asked" && ms > NOTEWORTHY_PAUSE_MS);
  const sorted = long.toSorted((a, b) => b.ms - a.ms);
  const [named, others] = [sorted.slice(0, MOST_PAUSES_NAMED), sorted.slice(MOST_PAUSES_NAMED)];
  const pauses: LongPause[] = named.map(({ quota, ms }) => ({
    says: `No calls for ${titles.quota(quota)} until ${formatTime(now + ms, now)}, as the platform asked`,
    todo: `npm run inbox -- lift ${quota}`,
  }));
  if (others.length === 0) return pauses;
  const platforms = others.map(({ quota }) => titles.platformOf(quota) ?? quota);
  const says = `${titles.more(platforms)} ${others.length === 1 ? "is" : "are"} paused, as the platform asked`;
  return [...pauses, { says, todo: null }];
}

type Counts = Pick<InboxDesk, "countUnsettled" | "countUnsettledLanes">;

/** Says what is failing, since when, how, and how many jobs wait for it; without a full stop. */
export async function outageSentence(outage: Outage, titles: Titles, desk: Counts): Promise<string> {
  const { since, outcome } = outage;
  const waits = await waiting(outage, desk).catch(() => "the waiting jobs cannot be counted");
  return `${titleOf(outage, titles)} has been failing since ${formatMinute(since, Date.now())}: ${outcome}; ${waits}`;
}

/** Says that an outage is over. One without a call for a long time is forgotten rather than over. */
export function endSentence(outage: Outage, titles: Titles): string {
  const { silentMs, lastedMs } = outage;
  if (silentMs > SILENT_MS)
    return `${titleOf(outage, titles)} was failing and has not been called for ${formatDuration(silentMs)}.`;
  return `${titleOf(outage, titles)} works again; it failed for ${formatDuration(lastedMs)}.`;
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

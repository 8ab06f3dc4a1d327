import type { Figure } from "../figure.ts";
import { ackLatency } from "./ack-latency.ts";
import { acksAtLimit, acksFlatOut, acksIgnored } from "./acks.ts";
import { acceptTime, claimTime } from "./inbox.ts";
import { memoryGrowth } from "./memory.ts";
import { reactionRate, replyRate } from "./reaction-rate.ts";
import { fortyReactions, oneReaction } from "./reaction-time.ts";
import { memoryAtRest, startTime } from "./start.ts";

export const FIGURES: readonly Figure[] = [
  acksAtLimit,
  acksFlatOut,
  acksIgnored,
  ackLatency,
  oneReaction,
  fortyReactions,
  reactionRate,
  replyRate,
  acceptTime,
  claimTime,
  memoryGrowth,
  startTime,
  memoryAtRest,
];

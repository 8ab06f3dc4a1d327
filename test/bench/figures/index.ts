import type { Figure } from "../figure.ts";
import { ackLatency } from "./ack-latency.ts";
import { acksAtLimit, acksFlatOut, acksIgnored } from "./acks.ts";
import { backlogAcks, backlogCpu, backlogReactions, recovery } from "./backlog.ts";
import { hang } from "./hang.ts";
import { acceptTime, claimTime } from "./inbox.ts";
import { home, idleCpu } from "./licenses.ts";
import { memoryGrowth } from "./memory.ts";
import { reactionRate, replyRate } from "./reaction-rate.ts";
import { fortyReactions, oneLivechatReaction, oneReaction } from "./reaction-time.ts";
import { manyRules } from "./rules.ts";
import { memoryAtRest, startTime } from "./start.ts";

/** In this order: the licenses' server must have run for a minute before it is idle, and others use that minute. */
export const FIGURES: readonly Figure[] = [
  acksAtLimit,
  acksFlatOut,
  acksIgnored,
  manyRules,
  ackLatency,
  oneReaction,
  oneLivechatReaction,
  fortyReactions,
  reactionRate,
  replyRate,
  hang,
  backlogCpu,
  backlogAcks,
  backlogReactions,
  recovery,
  home,
  acceptTime,
  claimTime,
  memoryGrowth,
  idleCpu,
  startTime,
  memoryAtRest,
];

import { z } from "zod";
import { question } from "../upstream/facts.ts";

/**
 * pizza (from chat.io), livechatPizza and balance need a reaction, of the Pizza BOT and of globobot; smalltalk, from
 * chat.io, needs none. tenantPizza is pizza from the chats of many licenses. slackPizza is what Bolt gets in place of pizza.
 */
const kind = z.enum(["pizza", "livechatPizza", "smalltalk", "balance", "tenantPizza", "slackPizza"]);
export type Kind = z.infer<typeof kind>;

const order = z.object({
  /** Of the server, without a path. */
  url: z.string(),
  /** More servers: each connection leads to the next of them all. */
  others: z.array(z.string()).default([]),
  /** Sent in turn. */
  kinds: z.array(kind).min(1),
  /** In chat.io's and LiveChat's bodies, and what Webex's are signed with. */
  secrets: z.object({ chatio: z.string(), livechat: z.string(), webex: z.string() }),
  connections: z.number(),
});

/** What there is at the platforms to tell of. */
export const supplies = z.object({
  /** Chats of many licenses, each with the secret of its license's bot; told of in turn. */
  tenants: z.array(z.object({ chat: z.string(), secret: z.string() })).default([]),
  /** Told of in turn. */
  chats: z.array(z.string()),
  livechatChats: z.array(z.string()),
  /** Told of once each. */
  questions: z.array(question),
});
export type Supplies = z.input<typeof supplies>;

/** On every connection the next delivery follows the answer, until `count` are answered or `ms` are over. */
export const floodOrder = order.extend({
  count: z.number().default(Number.MAX_SAFE_INTEGER),
  ms: z.number().default(Number.MAX_SAFE_INTEGER),
});
export type FloodOrder = z.input<typeof floodOrder>;

/** `perSecond` deliveries for `ms`, however slowly they are answered. */
export const dripOrder = order.extend({ perSecond: z.number(), ms: z.number() });
export type DripOrder = z.input<typeof dripOrder>;

export const report = z.object({
  /** On the shared clock. */
  startedAt: z.number(),
  perSecond: z.number(),
  /** Milliseconds; of a drip from when the delivery was to be sent. */
  p50: z.number(),
  p99: z.number(),
  /** How often each status came with each body. */
  answers: z.record(z.string(), z.number()),
});
export type Report = z.infer<typeof report>;

export const dripReport = report.extend({
  /** When each delivery was to be sent, on the shared clock, by the id of its chat or room. */
  dueAt: z.record(z.string(), z.number()),
});
export type DripReport = z.infer<typeof dripReport>;

/** Requests to be made one after the other, as whole HTTP messages. */
export const inTurnOrder = z.object({ url: z.string(), requests: z.array(z.string()) });

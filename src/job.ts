/**
 * The nouns, used everywhere in this sense only:
 *
 * - delivery: one POST from a platform, as bytes and headers
 * - job: what an authentic delivery asks for, validated and without secrets
 * - inbox: the jobs we have promised to do; on disk before we answer 200
 * - reaction: pure decision, text in, replies (often none) out
 * - reply: a text, sent through a client
 * - platform: a chat system, and the one folder that speaks its protocol
 */
import type { IncomingHttpHeaders } from "node:http";

/** As in keys, in the database and in metrics, e.g. "chatio". A plain string, so that adding a platform changes no type. */
export type PlatformName = string;

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

export type Delivery = { readonly body: Buffer; readonly headers: IncomingHttpHeaders };

export type NewJob = {
  readonly platform: PlatformName;
  /** Identifies the job, however often it is delivered. */
  readonly key: string;
  /** The key that an earlier release gave it, if different: a job kept under that key in the same lane is this job. */
  readonly formerKey?: string;
  /** Jobs in one lane are done one at a time, in the order they were accepted. */
  readonly lane: string;
  /** The rate limit that its calls count against; jobs of one quota are held back together. */
  readonly quota: string;
  readonly payload: JsonObject;
};

export type Job = Omit<NewJob, "formerKey"> & {
  /** How often it was claimed, including this time. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** The steps done by earlier attempts. Empty at first. */
  readonly progress: JsonObject;
};

/**
 * Saves on disk how far a job has come, in place of what was saved before. What must not be repeated is saved at once. Only a
 * job without any progress is certain not to be repeated once it has ended, even after a power cut.
 */
export type SaveProgress = (progress: JsonObject) => Promise<void>;

import { randomUUID } from "node:crypto";
import { setImmediate, setTimeout } from "node:timers/promises";
import { readJson } from "./endpoint.ts";
import type { BeginExchange } from "./exchanges.ts";

/** How deliveries are made. May be changed at any time: every attempt reads it anew. */
export type DeliverySettings = {
  /** How often a copy is tried until it is received. */
  attempts: number;
  /** Milliseconds between two attempts. */
  retryAfterMs: number;
  /** How many copies of each delivery are sent, all at once. */
  copies: number;
  /** While true, every attempt fails at once without an answer, as if the network were cut. */
  isOffline: boolean;
  /** False: each attempt opens a connection of its own, as if the platform had many machines. */
  keepsConnections: boolean;
};

/** A finished attempt to deliver. */
export type Attempt = {
  /** The same for all attempts and copies of a delivery. */
  id: string;
  /** Counted from 1. */
  attempt: number;
  /** Null if there was no answer. */
  status: number | null;
};

export type Parcel = {
  /** Parcels of one lane are sent one after another, in order. Lanes do not wait for each other. */
  lane: string;
  url: string;
  body: string;
  headers(): Record<string, string>;
  /** Asked before each attempt. A receiver that has gone gets nothing. */
  isWanted(): boolean;
  /** Whether an answer with this status counts as received. Default: any 2xx. */
  isReceived?(status: number): boolean;
  attempted(attempt: Attempt): void;
};

export type Courier = {
  /** Sends after the parcels already waiting in that lane. Resolves when it is received or given up. */
  send(parcel: Parcel): Promise<void>;
  /** Resolves when no delivery is under way. */
  settled(): Promise<void>;
  /** Aborts all deliveries. */
  stop(): void;
};

export const defaultDelivery: DeliverySettings = {
  attempts: 1,
  retryAfterMs: 100,
  copies: 1,
  isOffline: false,
  keepsConnections: true,
};

/** Milliseconds that an answer may take. */
const TIMEOUT_MS = 10_000;

/** Creates the courier that delivers a stand-in's webhooks. */
export function createCourier(settings: DeliverySettings, beginExchange?: BeginExchange): Courier {
  const lanes = new Map<string, Promise<void>>();
  const stopping = new AbortController();

  return {
    async send(parcel) {
      const before = lanes.get(parcel.lane);
      const delivered = deliver(parcel, before);
      lanes.set(parcel.lane, delivered);
      await delivered;
      if (lanes.get(parcel.lane) === delivered) lanes.delete(parcel.lane);
    },
    async settled() {
      while (lanes.size > 0) {
        await Promise.all(lanes.values());
        await setImmediate();
      }
    },
    stop: () => stopping.abort(),
  };

  async function deliver(parcel: Parcel, before: Promise<void> | undefined) {
    // The call that caused this delivery is answered first.
    await setImmediate();
    await before;
    const id = randomUUID();
    await Promise.all(Array.from({ length: settings.copies }, () => deliverCopy(id, parcel)));
  }

  async function deliverCopy(id: string, parcel: Parcel) {
    const { isReceived = isSuccess } = parcel;
    for (let attempt = 1; attempt <= settings.attempts; attempt += 1) {
      if (attempt > 1) await pause(settings.retryAfterMs);
      if (stopping.signal.aborted || !parcel.isWanted()) return;
      const status = await tryOnce(parcel);
      parcel.attempted({ id, attempt, status });
      if (status !== null && isReceived(status)) return;
    }
  }

  async function pause(ms: number) {
    await setTimeout(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  }

  async function tryOnce(parcel: Parcel): Promise<number | null> {
    const end = beginExchange?.({
      kind: "webhook",
      method: "POST",
      url: new URL(parcel.url),
      request: readJson(parcel.body),
    });
    const answer = settings.isOffline ? undefined : await post(parcel);
    end?.(answer);
    return answer?.status ?? null;
  }

  async function post({
    url,
    headers,
    body,
  }: Parcel): Promise<{ status: number; body: unknown } | undefined> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const response = await fetch(url, {
        method: "POST",
        redirect: "manual",
        headers: { ...headers(), ...(!settings.keepsConnections && { connection: "close" }) },
        body,
        signal,
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : (readJson(text) ?? text) };
    } catch {
      return undefined;
    }
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

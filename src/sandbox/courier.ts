import { setImmediate, setTimeout } from "node:timers/promises";
import type { BeginExchange } from "./exchanges.ts";
import { readJson } from "./incoming.ts";

/** How deliveries are made. May be changed at any time; each attempt reads it anew. */
export type DeliverySettings = {
  /** How often one copy is tried before it is given up, when it is not answered 2xx. */
  attempts: number;
  /** Milliseconds between two attempts. */
  retryAfterMs: number;
  /** How many copies of each delivery are sent, all at once. */
  copies: number;
  /** Milliseconds after which an attempt counts as not answered. */
  timeoutMs: number;
  /** While it is true every attempt fails at once without an answer, as when the network is cut. */
  isOffline: boolean;
};

export type Parcel = {
  /** Parcels of one lane go out one after another, in order; lanes do not wait for each other. */
  lane: string;
  url: string;
  body: string;
  headers(): Record<string, string>;
  /** Asked before each attempt: a receiver that is gone by then gets nothing. */
  isWanted(): boolean;
  /** Told of each attempt, counted from 1; `status` is null when there was no answer. */
  attempted(attempt: number, status: number | null): void;
};

export type Courier = {
  /** Sends after what is already waiting in that lane; resolves when it is answered 2xx or given up. */
  send(parcel: Parcel): Promise<void>;
  settled(): Promise<void>;
  /** Cuts whatever is under way. */
  stop(): void;
};

export const defaultDelivery: DeliverySettings = {
  attempts: 1,
  retryAfterMs: 100,
  copies: 1,
  timeoutMs: 10_000,
  isOffline: false,
};

/** Creates the courier that carries one stand-in's webhooks; without `beginExchange` nobody is told of its attempts. */
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
    // The call that caused this delivery is answered before the delivery sets out.
    await setImmediate();
    await before;
    await Promise.all(Array.from({ length: settings.copies }, () => deliverCopy(parcel)));
  }

  async function deliverCopy(parcel: Parcel) {
    for (let attempt = 1; attempt <= settings.attempts; attempt += 1) {
      if (attempt > 1) await pause(settings.retryAfterMs);
      if (stopping.signal.aborted || !parcel.isWanted()) return;
      const status = await tryOnce(parcel);
      parcel.attempted(attempt, status);
      if (status !== null && status >= 200 && status < 300) return;
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
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(settings.timeoutMs)]);
    try {
      const response = await fetch(url, {
        method: "POST",
        redirect: "manual",
        headers: headers(),
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

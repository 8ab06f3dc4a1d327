import { hideSecrets, MASK, maskPath } from "./secrets.ts";

/** A request between the server and a stand-in. */
export type Exchange = {
  /** Counts up over all stand-ins of this process. */
  id: number;
  /** When it began, in ms since 1970. */
  at: number;
  /** As people call it, for example "chat.io". */
  platform: string;
  /** call: from the server to the platform; webhook: the other way. */
  kind: "call" | "webhook";
  method: string;
  /** With its query; secrets are masked. */
  path: string;
  /** Null: not answered, or not yet. */
  status: number | null;
  /** Milliseconds until it was answered or broke off; null while it is under way. */
  ms: number | null;
  /** The bodies as JSON values, secrets masked; undefined if there is none. A form is an object, HTML a string. */
  request: unknown;
  response: unknown;
};

/** What a stand-in reports. */
export type Listeners = {
  /** Called twice for each exchange: when it begins, and under the same id when it has ended. */
  onExchange?: (exchange: Exchange) => void;
  /** Called after every change that a person would see. */
  onChange?: () => void;
  /** Called after each answer to a call. The call is not kept in `calls` then: under load a stand-in keeps nothing. */
  onAnswer?: OnAnswer;
};

/** `text` is the body of the call as it came. */
export type OnAnswer = (call: { name: string; text: string; status: number }) => void;

/** Reports that an exchange begins; returns what reports its end. */
export type BeginExchange = (
  start: Pick<Exchange, "kind" | "method" | "request"> & { url: URL },
) => EndExchange;

/** Without an answer the exchange broke off. Only the first call counts. */
export type EndExchange = (answer?: { status: number; body: unknown }) => void;

let lastId = 0;

/** Reports the exchanges of one stand-in to `tell`. */
export function createExchanges(platform: string, tell: (exchange: Exchange) => void): BeginExchange {
  return ({ kind, method, url, request }) => {
    lastId += 1;
    const startedAt = performance.now();
    const sent = { method, path: maskPath(url), request: hideSecrets(request, MASK) };
    const begun = { id: lastId, at: Date.now(), platform, kind, ...sent };
    tell({ ...begun, status: null, ms: null, response: undefined });
    let isOver = false;
    return (answer) => {
      if (isOver) return;
      isOver = true;
      const ms = Math.round(performance.now() - startedAt);
      tell({ ...begun, status: answer?.status ?? null, ms, response: hideSecrets(answer?.body, MASK) });
    };
  };
}

import { hideSecrets, MASK, maskPath } from "./secrets.ts";

/** One request between the server and a stand-in. */
export type Exchange = {
  /** Counts up over both stand-ins of this process. */
  id: number;
  /** When it began, in milliseconds since 1970. */
  at: number;
  platform: "chat.io" | "Webex";
  /** A call of the server to the platform, or a webhook of the platform to the server. */
  kind: "call" | "webhook";
  method: string;
  /** With its query; secrets are masked. */
  path: string;
  /** Null: not answered, or not yet. */
  status: number | null;
  /** Milliseconds until it was answered or broke off; null while it is under way. */
  ms: number | null;
  /** The bodies as JSON values, secrets masked; undefined where there is none. A form is an object, HTML a string. */
  request: unknown;
  response: unknown;
};

/** Who wants to know what goes on at a stand-in. */
export type Listeners = {
  /** Told of each exchange twice: when it begins, and under the same id when it has ended. */
  onExchange?: (exchange: Exchange) => void;
  /** Told when anything has changed that a person would see. */
  onChange?: () => void;
  /** Told of each answered call instead of keeping it in `calls`: a stand-in under load keeps nothing. */
  onAnswer?: OnAnswer;
};

/** `text` is the body of the call as it came. */
export type OnAnswer = (call: { name: string; text: string; status: number }) => void;

/** Tells that an exchange begins; what it returns is called when it has ended. */
export type BeginExchange = (
  start: Pick<Exchange, "kind" | "method" | "request"> & { url: URL },
) => EndExchange;

/** Without an answer the exchange broke off. Only the first end of an exchange counts. */
export type EndExchange = (answer?: { status: number; body: unknown }) => void;

let lastId = 0;

/** Tells the listener of one stand-in's exchanges. */
export function createExchanges(
  platform: Exchange["platform"],
  tell: (exchange: Exchange) => void,
): BeginExchange {
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

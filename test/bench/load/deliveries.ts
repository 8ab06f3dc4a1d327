import { anIncomingEvent, aWebexDelivery, webexSignatures } from "../../support/deliveries.ts";
import type { FloodOrder, Kind } from "./order.ts";

/** Stands where a delivery has its own ids, and is as long as they are. */
const MARK = "############";

let made = 0;

/** `id`: of the event, and of its chat or the end of its room's name. */
type Request = { id: string; text: string };

/** Makes whole HTTP requests, the kinds in turn. No id comes twice in the life of this process. */
export function createRequests({ url, kinds, secrets }: Pick<FloodOrder, "url" | "kinds" | "secrets">) {
  const makers = kinds.map((kind) => makerOf(kind, new URL(url).host, secrets));
  return function nextRequest(): Request {
    made += 1;
    const id = String(made).padStart(MARK.length, "0");
    return { id, text: makers[made % makers.length]?.(id) ?? "" };
  };
}

type Maker = (id: string) => string;

function makerOf(kind: Kind, host: string, { chatio, webex }: FloodOrder["secrets"]): Maker {
  if (kind === "balance") return balanceMaker(host, webex);
  const text = kind === "pizza" ? "Hey! where is my pizza?" : "Hey! where are you from?";
  const body = JSON.stringify(anIncomingEvent({ secret: chatio, chatId: MARK, event: { id: MARK, text } }));
  // Put together once: what is left to do for each delivery is to fill in its id.
  const pieces = post("/webhook", host, {}, body).split(MARK);
  return (id) => pieces.join(id);
}

/** Each room asks once, so that no reply waits for another; signed anew, since the signature is over the ids, too. */
function balanceMaker(host: string, secret: string): Maker {
  const pieces = JSON.stringify(aWebexDelivery({ data: { id: MARK, roomId: `ROOM${MARK}` } })).split(MARK);
  return (id) => {
    const body = pieces.join(id);
    return post("/wtwebhook", host, webexSignatures(body, secret), body);
  };
}

/** As `post`, without a body. */
export function get(path: string, host: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`;
}

/** An HTTP request as it goes over the wire; the body must be ASCII. */
export function post(path: string, host: string, headers: Record<string, string>, body: string): string {
  const all = {
    Host: host,
    "User-Agent": "bench",
    Accept: "*/*",
    "Content-Type": "application/json",
    "Content-Length": String(body.length),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

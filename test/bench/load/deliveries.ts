import { anIncomingEvent, aWebexDelivery, webexSignatures } from "../../support/deliveries.ts";
import type { Question } from "../upstream/facts.ts";
import type { FloodOrder, Kind, Supplies } from "./order.ts";

const chats: string[] = [];
const questions: Question[] = [];
let made = 0;

/** Adds chats and questions to those that deliveries tell of. */
export function supply(more: Supplies): void {
  chats.push(...more.chats);
  questions.push(...more.questions);
}

/** `place`: the id of its chat or room. */
type Request = { place: string; text: string };

/** Makes whole HTTP requests, the kinds in turn. No message comes twice in the life of this process. */
export function createRequests({ url, kinds, secrets }: Pick<FloodOrder, "url" | "kinds" | "secrets">) {
  const makers = kinds.map((kind) => makerOf(kind, new URL(url).host, secrets));
  return function nextRequest(): Request {
    made += 1;
    const maker = makers[made % makers.length];
    if (maker === undefined) throw new Error("There is no kind of delivery to make.");
    return maker();
  };
}

type Maker = () => Request;

/** Each stands where a delivery has an id of its own, and is as long as that. */
const CHAT = "c".repeat(36);
const EVENT = "############";

function makerOf(kind: Kind, host: string, { chatio, webex }: FloodOrder["secrets"]): Maker {
  if (kind === "balance") return balanceMaker(host, webex);
  const text = kind === "pizza" ? "Hey! where is my pizza?" : "Hey! where are you from?";
  const body = JSON.stringify(anIncomingEvent({ secret: chatio, chatId: CHAT, event: { id: EVENT, text } }));
  // Put together once: what is left to do for each delivery is to fill in its ids.
  const [beforeChat = "", rest = ""] = post("/webhook", host, {}, body).split(CHAT);
  const [beforeEvent = "", end = ""] = rest.split(EVENT);
  return () => {
    const place = chats[made % chats.length] ?? CHAT;
    const event = String(made).padStart(EVENT.length, "0");
    return { place, text: `${beforeChat}${place}${beforeEvent}${event}${end}` };
  };
}

/** Each room asks once, so that no reply waits for another; signed anew, since the signature is over the ids, too. */
function balanceMaker(host: string, secret: string): Maker {
  return () => {
    const asked = questions.pop();
    if (asked === undefined) throw new Error("Nobody has asked for a balance.");
    const { messageId: id, roomId } = asked;
    const body = JSON.stringify(aWebexDelivery({ data: { id, roomId } }));
    return { place: roomId, text: post("/wtwebhook", host, webexSignatures(body, secret), body) };
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

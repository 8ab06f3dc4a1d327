import { createHmac } from "node:crypto";
import {
  anIncomingEvent,
  anIncomingLivechatEvent,
  aWebexDelivery,
  webexSignatures,
} from "../../support/deliveries.ts";
import { ORGANIZATION, type Question, SLACK_SECRET } from "../upstream/facts.ts";
import type { FloodOrder, Kind, Supplies } from "./order.ts";

const chats: string[] = [];
const livechatChats: string[] = [];
const questions: Question[] = [];
const tenants: { chat: string; secret: string }[] = [];
let made = 0;

/** Adds chats and questions to those that deliveries tell of. */
export function supply(more: Supplies): void {
  chats.push(...more.chats);
  livechatChats.push(...more.livechatChats);
  questions.push(...more.questions);
  tenants.push(...(more.tenants ?? []));
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

/** Stands where an event has its id, and is as long as that. */
const EVENT = "############";

function makerOf(kind: Kind, host: string, { chatio, livechat, webex }: FloodOrder["secrets"]): Maker {
  if (kind === "balance") return balanceMaker(host, webex);
  if (kind === "slackPizza") return slackMaker(host);
  if (kind === "tenantPizza") return tenantMaker(host);
  const text = kind === "smalltalk" ? "Hey! where are you from?" : "Hey! where is my pizza?";
  const event = { id: EVENT, text };
  if (kind === "livechatPizza") {
    return chatMaker(livechatChats, "/livechat/webhook", host, (chatId) =>
      anIncomingLivechatEvent({ chatId, event, secret: livechat, organization: ORGANIZATION }),
    );
  }
  return chatMaker(chats, "/webhook", host, (chatId) => anIncomingEvent({ chatId, event, secret: chatio }));
}

/** The ids of these chats are all of one length. */
function chatMaker(
  chats: readonly string[],
  path: string,
  host: string,
  deliveryFrom: (chatId: string) => object,
): Maker {
  const [example] = chats;
  if (example === undefined) throw new Error("There is no chat to tell of.");
  // Put together once: what is left to do for each delivery is to fill in its ids.
  const request = post(path, host, {}, JSON.stringify(deliveryFrom(example)));
  const [beforeChat = "", rest = ""] = request.split(example);
  const [beforeEvent = "", end = ""] = rest.split(EVENT);
  return () => {
    const place = chats[made % chats.length] ?? example;
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

/** The license is known by its secret alone. */
function tenantMaker(host: string): Maker {
  return () => {
    const tenant = tenants[made % tenants.length];
    if (tenant === undefined) throw new Error("There is no license to tell of.");
    const { chat, secret } = tenant;
    const event = { id: String(made).padStart(EVENT.length, "0"), text: "Hey! where is my pizza?" };
    const body = JSON.stringify(anIncomingEvent({ chatId: chat, event, secret }));
    return { place: chat, text: post("/webhook", host, {}, body) };
  };
}

/** As long as chat.io's deliveries, and signed as Slack signs them (`v0`). */
function slackMaker(host: string): Maker {
  return () => {
    const place = chats[made % chats.length] ?? "";
    const event = {
      type: "message",
      channel: place,
      user: "U2",
      text: "Hey! where is my pizza?",
      ts: `${made}.0001`,
    };
    const padding = "properties of the chat, of which Slack has none ".repeat(4);
    const body = JSON.stringify({
      type: "event_callback",
      team_id: "T1",
      event_id: `Ev${made}`,
      event,
      padding,
    });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac("sha256", SLACK_SECRET).update(`v0:${timestamp}:${body}`).digest("hex");
    const headers = { "X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": `v0=${signature}` };
    return { place, text: post("/webhook", host, headers, body) };
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

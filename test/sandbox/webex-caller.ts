import { onTestFinished } from "vitest";
import { z } from "zod";
import { type NewWebhook, startWebexSandbox, type WebexOptions } from "../../src/sandbox/webex/index.ts";
import { startReceiver } from "./receiver.ts";

export const ana = "ana@example.com";

/** A Webex stand-in, and what a client with the bot's token would send. */
export async function startWebex(overrides: Partial<WebexOptions> = {}) {
  const sandbox = await startWebexSandbox({ botToken: "bot-token", ...overrides });
  onTestFinished(sandbox.stop);
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(path.startsWith("http") ? path : `${sandbox.apiUrl}${path}`, {
      method,
      headers: { authorization: "Bearer bot-token", "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const get = (path: string) => call("GET", path);
  const post = (path: string, body: unknown) => call("POST", path, body);
  return { sandbox, call, get, post };
}

/** A Webex stand-in with two rooms, and a hook whose deliveries are received. */
export async function startListening(overrides: Partial<NewWebhook> = {}) {
  const webex = await startWebex();
  const receiver = await startReceiver();
  const group = webex.sandbox.addRoom({ title: "Balances", members: [ana, "bea@example.com"] });
  const direct = webex.sandbox.addRoom({ title: "ana", type: "direct", members: [ana] });
  const listen = (more: Partial<NewWebhook> = {}) => {
    const hook = {
      name: "globobot",
      targetUrl: receiver.url,
      resource: "messages",
      event: "created",
    } as const;
    return webex.sandbox.addWebhook({ ...hook, ...more });
  };
  const heard = () => receiver.received.map(({ text }) => JSON.parse(text).data.id);
  return { ...webex, receiver, group, direct, hook: listen(overrides), listen, heard };
}

const errorBody = z.strictObject({
  message: z.string(),
  errors: z.tuple([z.strictObject({ description: z.string() })]),
  trackingId: z.string().startsWith("ROUTER_"),
});

/** The status and message of a refusal, once its documented form is checked. */
export async function refusalOf(response: Response): Promise<{ status: number; message: string }> {
  const { message, errors, trackingId } = errorBody.parse(await response.json());
  if (response.headers.get("trackingid") !== trackingId) throw new Error("trackingid header and body differ");
  if (errors[0].description !== message) throw new Error("message and description differ");
  return { status: response.status, message };
}

export async function itemsOf(response: Response): Promise<Record<string, unknown>[]> {
  return z.object({ items: z.array(z.record(z.string(), z.unknown())) }).parse(await response.json()).items;
}

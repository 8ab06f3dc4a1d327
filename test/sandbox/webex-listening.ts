import type { NewWebhook } from "../../src/sandbox/webex/index.ts";
import { startReceiver } from "./receiver.ts";
import { startWebex } from "./webex-caller.ts";

export const ana = "ana@example.com";

/** A Webex stand-in with two rooms and one hook whose deliveries are received. */
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

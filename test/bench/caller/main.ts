import axios from "axios";
import { z } from "zod";
import { method, serve } from "../processes/serve.ts";

/** The calls of one reaction, one after the other, as anybody would write them. */
const REACTIONS = {
  pizza: async (url: string, id: string) => {
    const headers = { Authorization: "Bearer 1/access" };
    const there = { author_id: "BOT1", payload: { chat_id: id, agent_ids: ["BOT1"] } };
    const event = { type: "message", text: "Pizza is on the way!", recipients: "agents" };
    const said = { author_id: "BOT1", payload: { chat_id: id, event } };
    await axios.post(`${url}/agent/v0.3/action/join_chat`, there, { headers });
    await axios.post(`${url}/agent/v0.3/action/send_event`, said, { headers });
    await axios.post(`${url}/agent/v0.3/action/remove_from_chat`, there, { headers });
  },
  balance: async (url: string, id: string) => {
    const headers = { Authorization: "Bearer token" };
    const { data } = await axios.get(`${url}/webex/messages/${id}`, { headers });
    const reply = { roomId: data.roomId, text: "balance for acct100: 40.00 USD" };
    await axios.post(`${url}/webex/messages`, reply, { headers });
  },
};

const order = z.object({
  url: z.string(),
  kind: z.enum(["pizza", "balance"]),
  count: z.number(),
  atOnce: z.number(),
});

/** Milliseconds for `count` reactions. */
async function react({ url, kind, count, atOnce }: z.infer<typeof order>): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (done < count) {
        done += 1;
        await REACTIONS[kind](url, `chat-${done}`);
      }
    }),
  );
  return performance.now() - startedAt;
}

serve({ react: method(order, react) });

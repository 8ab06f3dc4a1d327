import axios from "axios";
import { z } from "zod";
import { method, serve } from "../processes/serve.ts";
import { BOT_TOKEN, installed, question } from "../upstream/facts.ts";
import { visit } from "../upstream/visit.ts";

const surroundings = z.object({
  chatio: z.string(),
  webex: z.string(),
  bot: installed,
  chats: z.array(z.string()),
  questions: z.array(question),
});
type Surroundings = z.infer<typeof surroundings>;

/** The calls of one reaction, one after the other, as anybody would write them; `n` counts reactions. */
const REACTIONS = {
  pizza: async ({ chatio, bot, chats }: Surroundings, n: number) => {
    const headers = { Authorization: `Bearer ${bot.accessToken}` };
    for (const { call, body } of visit(bot, chats[n % chats.length] ?? "")) {
      await axios.post(`${chatio}/agent/v0.3/action/${call}`, body, { headers });
    }
  },
  balance: async ({ webex, questions }: Surroundings, n: number) => {
    const headers = { Authorization: `Bearer ${BOT_TOKEN}` };
    const id = questions[n % questions.length]?.messageId;
    const { data } = await axios.get(`${webex}/messages/${id}`, { headers });
    const reply = { roomId: data.roomId, text: "balance for acct100: 40.00 USD" };
    await axios.post(`${webex}/messages`, reply, { headers });
  },
};

const order = z.object({ kind: z.enum(["pizza", "balance"]), count: z.number(), atOnce: z.number() });
let known: Surroundings | null = null;

/** Milliseconds for `count` reactions. */
async function react({ kind, count, atOnce }: z.infer<typeof order>): Promise<number> {
  if (known === null) throw new Error("The caller does not know whom to call.");
  const there = known;
  const startedAt = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (done < count) {
        done += 1;
        await REACTIONS[kind](there, done);
      }
    }),
  );
  return performance.now() - startedAt;
}

serve({
  know: method(surroundings, (given) => {
    known = given;
  }),
  react: method(order, react),
});

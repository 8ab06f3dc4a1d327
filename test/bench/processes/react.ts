import axios from "axios";
import { z } from "zod";
import { installed } from "../upstream/facts.ts";
import { visit } from "../upstream/visit.ts";

const bot = installed.parse(JSON.parse(process.env.BOT ?? "null"));
const chatio = z.string().parse(process.env.CHATIO_URL);
const headers = { Authorization: `Bearer ${bot.accessToken}` };

/** The bot's visit to a chat, as anybody would write it. */
export async function react(chatId: string): Promise<void> {
  for (const { call, body } of visit(bot, chatId)) {
    await axios.post(`${chatio}/agent/v0.3/action/${call}`, body, { headers });
  }
}

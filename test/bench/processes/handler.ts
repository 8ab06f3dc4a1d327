import express from "express";
import { react } from "./react.ts";
import { sayAddress } from "./say-address.ts";

// The simplest bot: it makes its calls, and then answers. The platform waits as long as those take.
const app = express().use(express.json());
app.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
app.post("/webhook", async ({ body }, res) => {
  const { chat_id: chatId, event } = body.data;
  if (/\bpizza\b/i.test(event.text)) await react(chatId);
  res.json({ status: "accepted" });
});
sayAddress(app.listen(Number(process.env.PORT), "127.0.0.1"));

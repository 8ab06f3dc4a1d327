// Slack's own framework with its HTTPReceiver: it answers first and works then, and keeps what is left to do in memory. No
// TypeScript, since @slack/bolt is no dependency of ours: `npm install --no-save @slack/bolt`.
import bolt from "@slack/bolt";
import { react } from "./react.ts";

const receiver = new bolt.HTTPReceiver({
  signingSecret: process.env.SLACK_SECRET,
  endpoints: "/webhook",
  logLevel: bolt.LogLevel.ERROR,
  customRoutes: [{ path: "/healthz", method: "GET", handler: (_req, res) => res.writeHead(200).end() }],
});
const authorize = async () => ({ botToken: "xoxb-invented", botId: "B1", botUserId: "U1" });
const app = new bolt.App({ receiver, authorize, logLevel: bolt.LogLevel.ERROR });
app.message(/\bpizza\b/i, ({ event }) => react(event.channel));
const server = await app.start({ port: Number(process.env.PORT), host: "127.0.0.1" });
process.stdout.write(`Listening on http://127.0.0.1:${server.address().port}\n`);

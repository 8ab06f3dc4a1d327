import { fileURLToPath } from "node:url";
import express, { type Express, type RequestHandler } from "express";
import { z } from "zod";
import { ASSETS, createAssets } from "../../pages/assets.ts";
import { createHeaders } from "../../pages/headers.ts";
import { createLocalApp } from "../../sandbox/local-server.ts";
import { refuseUnreadable } from "../../sandbox/stand-in.ts";
import { createEvents } from "./events.ts";
import { livePage } from "./page.ts";
import type { People } from "./people.ts";
import type { DemoRules } from "./rules.ts";
import type { Servers } from "./servers.ts";
import { TROUBLES, type Troubles } from "./troubles.ts";
import { ROOMS, type View } from "./view.ts";
import type { News } from "./watch.ts";

export type DemoAppOptions = {
  view: () => View;
  people: People;
  rules: DemoRules;
  troubles: Troubles;
  servers: Servers;
  news: News;
};

const STYLE = fileURLToPath(new URL("./demo.css", import.meta.url));

const text = z.string().trim().min(1).max(2000);
const said = z.discriminatedUnion("from", [
  z.object({ from: z.literal("customer"), text }),
  z.object({ from: z.literal("agent"), to: z.enum(["all", "agents"]).default("agents"), text }),
  z.object({ from: z.literal("ana"), room: z.enum(ROOMS), text }),
]);
const turned = z.object({ room: z.enum(ROOMS) });
const moved = z.object({ platform: z.string() });
const taught = z.object({
  word: z.string().trim().min(1).max(100),
  reply: z.string().trim().min(1).max(1000),
  to: z.enum(["agents", "everyone"]).default("agents"),
});
const switched = z.object({ trouble: z.enum(TROUBLES), on: z.enum(["true", "false"]) });
const asked = z.object({ do: z.enum(["kill", "start"]), server: z.coerce.number().default(1) });

/** The routes of the demo's page. Every form leads back to the page, so it works without scripts. */
export function createDemoApp({ view, people, rules, troubles, servers, news }: DemoAppOptions): Express {
  const app = createLocalApp().use(createHeaders(false));
  app.use(ASSETS, createAssets());
  app.get("/demo.css", (_req, res) => res.sendFile(STYLE));
  app.use((_req, res, next) => {
    res.set("Cache-Control", "no-store");
    next();
  });
  app.get("/", (_req, res) => void res.set("As-Of", String(Date.now())).send(livePage(view())));
  app.get(
    "/events",
    createEvents(() => livePage(view()), news),
  );

  app.use(express.urlencoded({ extended: false, limit: "64kb" }));
  app.post("/say", onSubmit(said, people.says, news));
  app.post("/start-over", onSubmit(z.object({}), people.startOver, news));
  app.post(
    "/platform",
    onSubmit(moved, ({ platform }) => people.moveTo(platform), news),
  );
  app.post(
    "/room",
    onSubmit(turned, ({ room }) => people.showRoom(room), news),
  );
  app.post(
    "/rule",
    onSubmit(taught, ({ word, ...rest }) => rules.add({ words: [word], ...rest }), news),
  );
  app.post(
    "/trouble",
    onSubmit(switched, ({ trouble, on }) => troubles.set(trouble, on === "true"), news),
  );
  // The page shows that it failed.
  const start = (number: number) => servers.start(number).catch(() => undefined);
  app.post(
    "/server",
    onSubmit(asked, (body) => (body.do === "kill" ? servers.kill(body.server) : start(body.server)), news),
  );
  app.use((_req, res) => void res.status(404).json({ error: "There is nothing here." }));
  app.use(refuseUnreadable(() => ({ status: 400, json: { error: "The form could not be read." } })));
  return app;
}

/** Does what the form asks for and leads back to the page. A form that asks for nothing valid does nothing. */
function onSubmit<T>(form: z.ZodType<T>, work: (body: T) => unknown, news: News): RequestHandler {
  return async (req, res) => {
    const read = form.safeParse(req.body ?? {});
    if (read.success) await work(read.data);
    news.changed();
    res.redirect(303, "/");
  };
}

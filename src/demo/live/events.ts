import type { RequestHandler } from "express";
import type { News } from "./watch.ts";

/**
 * Server-sent events: the page, at once, and after changes if it is then another. The id is the time, in ms since 1970.
 * `pageOf` renders the page as of now.
 */
export function createEvents(pageOf: () => string, news: Pick<News, "subscribe">): RequestHandler {
  return (req, res) => {
    let sent = "";
    const send = () => {
      const page = pageOf();
      if (page === sent) return;
      sent = page;
      res.write(`id: ${Date.now()}\ndata: ${JSON.stringify(page)}\n\n`);
    };
    res.writeHead(200, { "Content-Type": "text/event-stream" });
    send();
    req.once("close", news.subscribe(send));
  };
}

import { Router } from "express";
import type { Answer } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Incoming } from "../incoming.ts";
import { parseBody, refusal } from "./errors.ts";
import { type Hooks, hookBody, hookChanges, type Webhook } from "./hooks.ts";
import { answerPage } from "./paging.ts";

/** The bot's webhooks: listed, made, changed and deleted. */
export function createWebhooksApi({ hooks, endpoint }: { hooks: Hooks; endpoint: Endpoint }): Router {
  function requireHook({ params }: Incoming): Webhook {
    const hook = hooks.find(params.id ?? "");
    if (hook === undefined) throw refusal(404, "Could not find a webhook with provided ID.");
    return hook;
  }

  function create(incoming: Incoming): Answer {
    return { status: 200, json: hooks.add(parseBody(incoming, hookBody)) };
  }

  function change(incoming: Incoming): Answer {
    const hook = requireHook(incoming);
    hooks.change(hook, parseBody(incoming, hookChanges));
    return { status: 200, json: hook };
  }

  function remove(incoming: Incoming): Answer {
    hooks.remove(requireHook(incoming).id);
    return { status: 204 };
  }

  return Router()
    .get(
      "/webhooks",
      endpoint("GET /webhooks", ({ url }) => answerPage(hooks.list(), url, 100)),
    )
    .post("/webhooks", endpoint("POST /webhooks", create))
    .get(
      "/webhooks/:id",
      endpoint("GET /webhooks/:id", (incoming) => ({ status: 200, json: requireHook(incoming) })),
    )
    .put("/webhooks/:id", endpoint("PUT /webhooks/:id", change))
    .delete("/webhooks/:id", endpoint("DELETE /webhooks/:id", remove));
}

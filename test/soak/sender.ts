import { Agent, request } from "node:http";

export type Sender = {
  /** Tells the status of the answer. A body is JSON unless the headers say otherwise. */
  send(
    method: "GET" | "POST",
    path: string,
    body?: string | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<number>;
  close(): void;
};

/** Sends requests over connections that are kept alive. */
export function createSender(url: string): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  return {
    send: (method, path, body, more = {}) =>
      new Promise((resolve, reject) => {
        const headers = { ...(body !== undefined && { "content-type": "application/json" }), ...more };
        const sent = request(new URL(path, url), { method, agent, headers }, (answer) => {
          answer.resume();
          answer.once("end", () => resolve(answer.statusCode ?? 0));
        });
        sent.once("error", reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export type TestSocket = {
  socket: Socket;
  /** What was answered so far. */
  answer(): string;
  /** Resolves once the server has closed the connection. */
  closed: Promise<unknown>;
  isClosed(): boolean;
};

/** A connection to the server on which these bytes are sent, and nothing else unless the test does so. */
export async function openSocket(url: string, bytes: string | Buffer = ""): Promise<TestSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("data", (data) => {
    answer += String(data);
  });
  // A connection that is cut off says so here; what matters is that it is closed.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  if (bytes.length > 0) socket.write(bytes);
  return { socket, answer: () => answer, closed, isClosed: () => socket.destroyed };
}

/** The beginning of a delivery in JSON. `length` null: its length is not told in advance. */
export function beginDelivery(length: number | null, path = "/wtwebhook"): string {
  const size = length === null ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${size}\r\n\r\n`;
}

/** Bytes as a chunk of a body whose length is not told in advance. */
export function chunk(bytes: string): string {
  return `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
}

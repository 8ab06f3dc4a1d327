import { once } from "node:events";
import { connect } from "node:net";

export type Connection = {
  /** Sends a whole HTTP request and resolves with status and body of the answer, as in `200 {}`. One at a time. */
  exchange(request: string): Promise<string>;
  close(): void;
};

/**
 * A bare socket that is kept alive. It knows no more of HTTP than the answers here need (ASCII, with a Content-Length or in one chunk),
 * so that it takes much less work than any server does on the other side.
 */
export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.setEncoding("latin1");
  await once(socket, "connect");
  let received = "";
  let waiting = Promise.withResolvers<string>();

  socket.on("data", (piece: string) => {
    received += piece;
    const answer = wholeAnswer(received);
    if (answer === null) return;
    received = "";
    waiting.resolve(answer);
  });
  socket.on("error", (error) => waiting.reject(error));
  socket.on("close", () => waiting.reject(new Error("the server has closed the connection")));

  return {
    exchange(request) {
      waiting = Promise.withResolvers<string>();
      socket.write(request, "latin1");
      return waiting.promise;
    },
    close() {
      waiting.promise.catch(() => {});
      socket.destroy();
    },
  };
}

export const LAST_CHUNK = "0\r\n\r\n";

/** null while a part is still missing. */
function wholeAnswer(text: string): string | null {
  const headEnds = text.indexOf("\r\n\r\n");
  if (headEnds === -1) return null;
  const bodyBegins = headEnds + 4;
  const [, given] = /\r\ncontent-length: *(\d+)/i.exec(text) ?? [];
  // Without a length it comes in chunks, of which the last is empty.
  const isWhole = given === undefined ? text.endsWith(LAST_CHUNK) : text.length >= bodyBegins + Number(given);
  if (!isWhole) return null;
  return `${text.slice(9, 12)} ${text.slice(bodyBegins)}`;
}

/** Opens so many, to each of the servers in turn, hands them to the work, and closes them whatever comes of it. */
export async function withConnections<T>(
  urls: readonly [string, ...string[]],
  count: number,
  work: (connections: readonly Connection[]) => Promise<T>,
): Promise<T> {
  const connections = await Promise.all(
    Array.from({ length: count }, (_, n) => openConnection(urls[n % urls.length] ?? urls[0])),
  );
  try {
    return await work(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

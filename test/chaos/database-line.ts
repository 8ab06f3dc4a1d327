import { connect, createServer, type Socket } from "node:net";
import { listenLocally } from "./listen.ts";

/** A server's way to PostgreSQL, which can be cut. */
export type DatabaseLine = {
  /** The same database, by this way. */
  url: string;
  /** All ports from which PostgreSQL has seen its connections come. */
  ports: ReadonlySet<number>;
  /** Resets all connections, and every new one, until the line is mended. */
  cut(): void;
  /** Swallows all bytes until the line is mended, as a firewall does. Connections of that time stay dead. */
  silence(): void;
  mend(): void;
  /** Keeps all bytes until the line goes on. */
  hold(): void;
  goOn(): void;
  close(): Promise<void>;
};

type Pair = { client: Socket; database: Socket; isSilent: boolean };

/** Opens a way to the database at this URL, on a port of its own. */
export async function openDatabaseLine(databaseUrl: string): Promise<DatabaseLine> {
  const port = Number(new URL(databaseUrl).port);
  const pairs = new Set<Pair>();
  const ports = new Set<number>();
  let state: "open" | "cut" | "silent" = "open";
  let isHeld = false;

  const listener = createServer({ noDelay: true }, (client) => {
    if (state === "cut") return void client.resetAndDestroy();
    const database = connect({ port, host: "127.0.0.1", noDelay: true });
    const pair: Pair = { client, database, isSilent: state === "silent" };
    pairs.add(pair);
    database.once("connect", () => ports.add(database.localPort ?? 0));
    join(pair, client, database);
    join(pair, database, client);
    if (isHeld) client.pause();
  });

  function join(pair: Pair, from: Socket, to: Socket): void {
    from.on("data", (bytes) => {
      if (!pair.isSilent) to.write(bytes);
    });
    from.on("error", () => {});
    from.once("close", () => {
      // What is silent does not tell its end either; the database would notice much later.
      if (!pair.isSilent || from === pair.client) to.destroySoon();
      if (from === pair.client) pairs.delete(pair);
    });
  }

  const url = new URL(databaseUrl);
  url.port = String(await listenLocally(listener));

  return {
    url: url.href,
    ports,
    cut() {
      state = "cut";
      for (const { client, database } of pairs) {
        client.resetAndDestroy();
        database.resetAndDestroy();
      }
    },
    silence() {
      state = "silent";
      for (const pair of pairs) pair.isSilent = true;
    },
    mend() {
      state = "open";
    },
    hold() {
      isHeld = true;
      for (const { client } of pairs) client.pause();
    },
    goOn() {
      isHeld = false;
      for (const { client } of pairs) client.resume();
    },
    async close() {
      const closed = new Promise((resolve) => void listener.close(resolve));
      for (const { client, database } of pairs) {
        client.destroy();
        database.destroy();
      }
      await closed;
    },
  };
}

import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createCiphers, type EncryptionSecretsOf } from "../credentials.ts";
import { newServerName } from "../server-name.ts";
import type { Inbox, News, Servers, Store } from "../store.ts";
import { createWriteCheck } from "../write-check.ts";
import { reading, writing } from "./commits.ts";
import type { Connections } from "./connections.ts";
import { createDesk } from "./desk.ts";
import { createHolds } from "./holds.ts";
import { createInbox } from "./inbox.ts";
import { createAllInstallations } from "./installations.ts";
import { createListening } from "./listening.ts";
import { verifyNotMarked, verifyNotMoving } from "./marks.ts";
import { connect, unusable, verifyDurable } from "./opening.ts";
import { rekey } from "./rekey.ts";
import { createHeartbeat, type Heartbeat, listServers } from "./servers.ts";
import { createFindings, createMinuteCounts, once } from "./sharing.ts";

export { openMoveSource, openMoveTarget, reopenMoved } from "./transfer.ts";

export type PostgresOptions = {
  /** postgres://user:password@host:port/database */
  url: string;
  encryptionSecretsOf: EncryptionSecretsOf;
  /** For tests: the time in ms since 1970, in place of the database's own; null: the database's. */
  clock?: () => number | null;
};

/** The store for a command; any number of servers may use the database meanwhile. Throws ConfigError, with what to do. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const connections = await connect(options);
  const { inbox, ...parts } = createParts(connections, options);
  const name = newServerName();
  return {
    ...createWriteCheck(inbox, (bytes) => fill(connections, bytes)),
    ...parts,
    minutes: createMinuteCounts(connections, name),
    servers: serversOf(connections, name, { leads: () => false, onJobsElsewhere() {} }),
    async close() {
      await inbox.settled();
      await connections.close();
    },
  };
}

/** The store of a server, which is alive for the others from now on. Throws ConfigError. */
export async function openPostgresServerStore(options: PostgresOptions & { log: Log }): Promise<Store> {
  const connections = await connect(options);
  const { inbox, ...parts } = createParts(connections, options);
  const name = newServerName();
  let hearing = () => {};
  const heartbeat = createHeartbeat(connections, name, options.log);
  await enter(connections, heartbeat, options.url);
  await rekey(connections, createCiphers(options.encryptionSecretsOf));
  const listening = createListening(connections, name, () => hearing());
  return {
    ...createWriteCheck(telling(inbox, listening.tell), (bytes) => fill(connections, bytes)),
    ...parts,
    minutes: createMinuteCounts(connections, name),
    servers: serversOf(connections, name, {
      leads: heartbeat.leads,
      onJobsElsewhere(listener) {
        hearing = listener;
      },
    }),
    async close() {
      // Waiting writes come first; if one fails, its own caller is told.
      await inbox.settled();
      await Promise.all([listening.stop(), heartbeat.stop()]);
      await connections.close();
    },
  };
}

/**
 * Enters the server in the list of those that are alive. Throws ConfigError if the database takes part in a move: one that began
 * before the entry has left its mark, and one that begins after it finds a server here.
 */
async function enter(connections: Connections, heartbeat: Heartbeat, url: string): Promise<void> {
  try {
    await verifyDurable(connections);
    await verifyNotMoving(connections, url);
    await heartbeat.start();
    await verifyNotMarked(connections, url).catch(async (error) => {
      await heartbeat.stop();
      throw error;
    });
  } catch (error) {
    await connections.close();
    throw error instanceof ConfigError ? error : unusable(error);
  }
}

function createParts(connections: Connections, { encryptionSecretsOf }: PostgresOptions) {
  return {
    inbox: createInbox(connections),
    desk: createDesk(connections),
    installations: createAllInstallations(connections, createCiphers(encryptionSecretsOf)),
    holds: createHolds(connections),
    news: createNews(connections),
    findings: createFindings(connections),
  };
}

/** Tells the other servers of new jobs. */
function telling(inbox: Inbox, tell: () => void): Inbox {
  return {
    ...inbox,
    async accept(jobs) {
      const added = await inbox.accept(jobs);
      if (added > 0) tell();
      return added;
    },
  };
}

function serversOf(
  connections: Connections,
  own: string,
  { leads, onJobsElsewhere }: Pick<Servers, "leads" | "onJobsElsewhere">,
): Servers {
  return {
    own,
    list: () => listServers(connections),
    leads,
    once: (name, forMs) => once(connections, name, forMs),
    onJobsElsewhere,
  };
}

const FILL = `
  INSERT INTO chatops.write_check (id, checked_at, filling)
  VALUES (1, chatops.now_ms(), convert_to(repeat(' ', $1), 'UTF8'))
  ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at, filling = excluded.filling`;

async function fill({ query }: Connections, bytes: number): Promise<void> {
  await writing(() => query(FILL, [bytes]));
}

const toldRow = z.object({ told: z.number() });

function createNews({ query }: Connections): News {
  return {
    tell: async () => {
      await writing(() => query("UPDATE chatops.news SET told = told + 1", []));
    },
    count: () =>
      reading(async () => toldRow.parse((await query("SELECT told FROM chatops.news", []))[0]).told),
  };
}

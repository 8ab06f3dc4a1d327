import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../../src/config/config.ts";
import { type ServerProcess, startServerProcess } from "../../src/demo/server-process.ts";
import type { Balancer } from "./balancer.ts";
import type { ChaosDatabase } from "./database.ts";
import { type DatabaseLine, openDatabaseLine } from "./database-line.ts";

/** One of several servers, with a way to the database of its own. It has a new name after each start. */
export type Member = {
  readonly place: number;
  readonly line: DatabaseLine;
  name(): string;
  kill(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Returns the exit code. */
  stop(): Promise<number | null>;
};

export type Fleet = {
  members: readonly Member[];
  /** The last words of servers that have ended by themselves. */
  crashes: readonly string[];
  close(): Promise<void>;
};

export type FleetOptions = {
  size: number;
  settings: Environment;
  folder: string;
  databaseUrl: string;
  database: ChaosDatabase;
  balancer: Balancer;
  tell: (line: string) => void;
};

const LOOK_EVERY_MS = 50;
const LAST_WORDS = 1500;

/** Starts the servers, one after the other. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const crashes: string[] = [];
  const members: Member[] = [];
  const inTurn = createTurn();
  const crashed = (lastWords: string) => {
    crashes.push(lastWords);
    options.tell(lastWords);
  };
  const close = async () => {
    for (const member of members) {
      await member.kill();
      await member.line.close();
    }
  };
  try {
    for (let place = 0; place < options.size; place += 1) {
      const line = await openDatabaseLine(options.databaseUrl);
      const member = createMember(place, line, { ...options, inTurn, crashed });
      members.push(member);
      await member.start();
    }
    return { members, crashes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Does one thing after the other: of two servers that start at once, nobody could tell which has which name. */
function createTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}

function createMember(
  place: number,
  line: DatabaseLine,
  options: FleetOptions & { inTurn: Turn; crashed: (lastWords: string) => void },
): Member {
  const { settings, folder, database, balancer, inTurn, crashed } = options;
  let server: ServerProcess | null = null;
  let name = "";

  async function end(by: (server: ServerProcess) => Promise<number | null>): Promise<number | null> {
    const ending = server;
    server = null;
    balancer.lead(place, null);
    return ending === null ? null : by(ending);
  }

  async function start(): Promise<void> {
    const since = Date.now();
    const known = new Set(await database.beating(0));
    const started = await startServerProcess({ settings: { ...settings, DATABASE_URL: line.url }, folder });
    server = started;
    void started.ended.then(() => {
      if (server === started) crashed(`server ${place + 1}: ${started.output().slice(-LAST_WORDS)}`);
    });
    const [own] = (await database.beating(since)).filter((other) => !known.has(other));
    if (own === undefined) throw new Error("A server has started that does not say that it is alive.");
    name = own;
    balancer.lead(place, started.url);
  }

  return {
    place,
    line,
    name: () => name,
    async kill() {
      await end(async ({ kill }) => {
        await kill();
        return null;
      });
    },
    start: () => inTurn(start),
    pause: () => server?.pause(),
    resume: () => server?.resume(),
    stop: () => end(({ stop }) => stop()),
  };
}

/** Resolves when the server has said that it is alive, after it could not; false after a minute. */
export async function untilBeating(member: Member, database: ChaosDatabase): Promise<boolean> {
  const since = Date.now();
  while (Date.now() < since + 60_000) {
    if ((await database.beating(since)).includes(member.name())) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}

import { StoreError } from "../../errors.ts";
import { isPassing, unreadable, unwritable } from "./failures.ts";

/** Most members of one group: bounds the size of a statement and how long it holds its locks. */
const MOST_AT_ONCE = 200;

type Member<Item, Result> = {
  item: Item;
  resolve(result: Result): void;
  reject(error: Error): void;
};

export type Group<Item, Result> = {
  /** Resolves with what `commit` returned for this item, once that is kept. Rejects with StoreError: nothing of it is kept. */
  add(item: Item): Promise<Result>;
  /** Resolves once everything added so far is kept or refused. */
  settled(): Promise<void>;
};

/**
 * Group commit: items that are added in one turn of the event loop, or while an earlier group is being kept, share one
 * transaction. `commit` keeps all items or none, and returns a result for each. If it refuses a group, each item is tried by
 * itself, so that only the bad one is refused. Reads share a statement in the same way. `failed`: what people are told when
 * the database fails.
 */
export function createGroup<Item, Result>(
  commit: (items: readonly Item[]) => Promise<Result[]>,
  failed: (cause: unknown) => StoreError = unwritable,
): Group<Item, Result> {
  let waiting: Member<Item, Result>[] = [];
  let isScheduled = false;
  let last: Promise<unknown> = Promise.resolve();

  async function commitAll(): Promise<void> {
    while (waiting.length > 0) {
      const members = waiting.slice(0, MOST_AT_ONCE);
      waiting = waiting.slice(MOST_AT_ONCE);
      await keep(members);
    }
    isScheduled = false;
  }

  async function keep(members: readonly Member<Item, Result>[]): Promise<void> {
    try {
      const results = await commit(members.map(({ item }) => item));
      for (const [index, { resolve, reject }] of members.entries()) {
        const result = results[index];
        if (result === undefined) reject(new StoreError("The database has not answered for this item."));
        else resolve(result);
      }
    } catch (cause) {
      if (members.length > 1 && !isPassing(cause)) for (const member of members) await keep([member]);
      else for (const { reject } of members) reject(cause instanceof StoreError ? cause : failed(cause));
    }
  }

  return {
    add(item) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      waiting.push({ item, resolve, reject });
      if (!isScheduled) setImmediate(commitAll);
      isScheduled = true;
      last = promise;
      return promise;
    },
    settled: () =>
      last.then(
        () => {},
        () => {},
      ),
  };
}

/** Does a read, and turns a failure into a StoreError. */
export async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof StoreError ? cause : unreadable(cause);
  }
}

/** The same for a write. */
export async function writing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof StoreError ? cause : unwritable(cause);
  }
}

import { StoreError } from "../errors.ts";
import type { Inbox, Store } from "./store.ts";

/** Fits into the page that the row is in already. */
const FEW_BYTES = 0;
/** More than a delivery writes, which is about eight pages of 4 kB. */
const AS_A_DELIVERY_BYTES = 65_536;

/**
 * The inbox, and the check whether the database can be written. On a nearly full disk a few bytes can be written while
 * deliveries fail. So after a failed write of the inbox the check writes as much as a delivery does, until it succeeds.
 */
export function createWriteCheck(
  inbox: Inbox,
  write: (bytes: number) => Promise<void>,
): Pick<Store, "inbox" | "check"> {
  let isInDoubt = false;

  async function noting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreError) isInDoubt = true;
      throw error;
    }
  }

  return {
    inbox: {
      ...inbox,
      async accept(jobs) {
        const added = await noting(() => inbox.accept(jobs));
        isInDoubt = false;
        return added;
      },
      claim: (claim) => noting(() => inbox.claim(claim)),
      saveProgress: (job, progress) => noting(() => inbox.saveProgress(job, progress)),
      settle: (...attempt) => noting(() => inbox.settle(...attempt)),
    },
    async check() {
      await write(isInDoubt ? AS_A_DELIVERY_BYTES : FEW_BYTES);
      isInDoubt = false;
    },
  };
}

import { StoreError } from "../errors.ts";
import type { Inbox, Store } from "../store/store.ts";

/** More than a delivery writes, which is about eight pages of 4 kB. */
const AS_A_DELIVERY_BYTES = 65_536;

export type WatchedInbox = {
  /** The given inbox, watched. */
  inbox: Inbox;
  /** Throws StoreError if a delivery could not be kept now. */
  check(): Promise<void>;
};

/**
 * Makes the check of the database depend on what deliveries meet. On a nearly full disk a small test write succeeds while
 * deliveries fail. So after a failed delivery the check writes as much as a delivery does, until a write succeeds.
 */
export function watchDeliveries({ inbox, check }: Pick<Store, "inbox" | "check">): WatchedInbox {
  let isInDoubt = false;
  return {
    inbox: {
      ...inbox,
      async accept(jobs) {
        try {
          const added = await inbox.accept(jobs);
          isInDoubt = false;
          return added;
        } catch (error) {
          if (error instanceof StoreError) isInDoubt = true;
          throw error;
        }
      },
    },
    async check() {
      if (!isInDoubt) return check();
      await check(AS_A_DELIVERY_BYTES);
      isInDoubt = false;
    },
  };
}

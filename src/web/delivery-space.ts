import { StoreError } from "../errors.ts";
import type { Inbox, Store } from "../store/store.ts";

/** More than what a delivery writes: about eight pages of 4 kB. */
const AS_A_DELIVERY_BYTES = 65_536;

export type DeliverySpace = {
  /** The inbox's own, watched. */
  inbox: Inbox;
  /** Throws StoreError when a delivery could not be kept now. */
  check(): Promise<void>;
};

/**
 * A check of the database that goes by what deliveries meet. On a disk that is nearly full a small check still works while no
 * delivery does: after one that could not be kept, the check writes as much as a delivery, until that or a delivery has worked.
 */
export function watchDeliveries({ inbox, check }: Pick<Store, "inbox" | "check">): DeliverySpace {
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

import { StoreError } from "../errors.ts";
import type { Inbox, Store } from "./store.ts";

/** Fits into the page that the row is in already. */
const FEW_BYTES = 0;
/** More than a delivery writes, which is about eight pages of 4 kB. */
const AS_A_DELIVERY_BYTES = 65_536;

/**
 * The inbox, and the check whether the database can be written. On a nearly full disk a few bytes can be written while
 * deliveries fail. So after a failed delivery the check writes as much as a delivery does, until a write succeeds.
 */
export function createWriteCheck(
  inbox: Inbox,
  write: (bytes: number) => Promise<void>,
): Pick<Store, "inbox" | "check"> {
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
      await write(isInDoubt ? AS_A_DELIVERY_BYTES : FEW_BYTES);
      isInDoubt = false;
    },
  };
}

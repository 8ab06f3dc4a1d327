import { join } from "node:path";
import { openTestStore, temporaryFolder } from "../support/store.ts";
import { storeContract } from "./contract.ts";

storeContract({
  newPlace: () => join(temporaryFolder(), "test.db"),
  open: async (place, ...secrets) => openTestStore(place, ...secrets),
});

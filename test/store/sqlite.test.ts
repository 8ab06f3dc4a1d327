import { newDatabase, openTestStore } from "../support/store.ts";
import { storeContract } from "./contract.ts";

storeContract({
  newPlace: newDatabase,
  open: async (place, ...secrets) => openTestStore(place, ...secrets),
});

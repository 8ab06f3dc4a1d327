import { describe } from "vitest";
import { hasPostgres, newPostgresUrl, openTestPostgres } from "../support/postgres.ts";
import { storeContract } from "./contract.ts";

describe.skipIf(!hasPostgres())("on PostgreSQL", () => {
  storeContract({ newPlace: newPostgresUrl, open: openTestPostgres });
});

import { describe } from "vitest";
import { FILE, POSTGRES } from "../support/moving.ts";
import { hasPostgres } from "../support/postgres.ts";
import { movingContract } from "./moving-contract.ts";

describe("from a file to another", () => movingContract(FILE, FILE));

describe.skipIf(!hasPostgres())("with PostgreSQL", () => {
  describe("from a file to it", () => movingContract(FILE, POSTGRES));
  describe("from it to a file", () => movingContract(POSTGRES, FILE));
});

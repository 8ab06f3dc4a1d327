import { describe } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { acceptContract } from "./accept-contract.ts";
import { claimContract } from "./claim-contract.ts";
import { deskContract } from "./desk-contract.ts";
import { historyContract } from "./history-contract.ts";
import { installationLeaseContract } from "./installation-lease-contract.ts";
import { installationSelectionContract } from "./installation-selection-contract.ts";
import { installationsContract } from "./installations-contract.ts";
import { leaseContract } from "./lease-contract.ts";
import { lifeContract } from "./life-contract.ts";
import { listContract } from "./list-contract.ts";
import { platformsContract } from "./platforms-contract.ts";
import { serversContract } from "./servers-contract.ts";
import { settleContract } from "./settle-contract.ts";

/** One kind of store, as the contract suite needs it. */
export type Kind = {
  /** A place where nothing has been kept yet. */
  newPlace(): string;
  /** The store at that place; closed when the test is finished. */
  open(place: string, ...secrets: string[]): Promise<Store>;
};

/** What every store must do, as tests; to be called once for each kind. */
export function storeContract(kind: Kind): void {
  const fresh = () => kind.open(kind.newPlace());
  describe("accepting", () => acceptContract(fresh));
  describe("claiming", () => claimContract(fresh));
  describe("leases", () => leaseContract(fresh));
  describe("settling", () => settleContract(fresh));
  describe("the operator's view", () => deskContract(fresh));
  describe("lists of jobs", () => listContract(fresh));
  describe("the attempts that a job remembers", () => historyContract(fresh));
  describe("installations", () => installationsContract(kind));
  describe("selecting and counting installations", () => installationSelectionContract(kind));
  describe("installations of two platforms", () => platformsContract(kind));
  describe("leases of accounts", () => installationLeaseContract(kind));
  describe("what servers share", () => serversContract(kind));
  describe("opening and closing", () => lifeContract(kind));
}

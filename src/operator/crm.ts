import type { RequestHandler } from "express";
import type { Ledger } from "../reactions/balance.ts";
import { crmPage } from "./pages/crm.ts";

/** The account lookup: shows the balance of the account `?account=`, from the same ledger as the bot. */
export function createCrm(ledger: Ledger): RequestHandler {
  return function answerCrm({ query: { account } }, res) {
    const id = typeof account === "string" ? account.trim() : "";
    res.send(crmPage(id === "" ? null : { id, cents: ledger.lookup(id) }));
  };
}

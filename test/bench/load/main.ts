import { method, serve } from "../processes/serve.ts";
import { supply } from "./deliveries.ts";
import { dripOrder, floodOrder, inTurnOrder, supplies } from "./order.ts";
import { drip, flood, inTurn } from "./send.ts";

serve({
  supply: method(supplies, supply),
  flood: method(floodOrder, flood),
  drip: method(dripOrder, drip),
  inTurn: method(inTurnOrder, inTurn),
});

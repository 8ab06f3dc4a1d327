import { method, serve } from "../processes/serve.ts";
import { dripOrder, floodOrder, inTurnOrder } from "./order.ts";
import { drip, flood, inTurn } from "./send.ts";

serve({
  flood: method(floodOrder, flood),
  drip: method(dripOrder, drip),
  inTurn: method(inTurnOrder, inTurn),
});

import express, { type ErrorRequestHandler, type Express } from "express";
import {
  type Attempt,
  type Courier,
  createCourier,
  type DeliverySettings,
  defaultDelivery,
} from "./courier.ts";
import { type Answer, type Call, createEndpoint, type Endpoint, sendAnswer } from "./endpoint.ts";
import { createExchanges, type Listeners } from "./exchanges.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createLocalApp, listen } from "./local-server.ts";

export type StandInOptions = Listeners & {
  /** Decides which calls a fault with a `rate` hits. */
  random?: () => number;
};

/** What all stand-ins offer; each adds what is its platform's own. */
export type StandIn<Delivery extends Attempt, Settings> = {
  faults: Faults;
  /** Every call received, in order. */
  calls: Call[];
  /** How many connections were opened to it so far. */
  connections(): number;
  /** Every finished attempt to deliver a webhook. */
  deliveries: Delivery[];
  delivery: DeliverySettings & Settings;
  /** Resolves when no delivery is under way. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

/** A stand-in to which the platform's endpoints are still to be added. */
export type PreparedStandIn<Delivery extends Attempt, Settings> = {
  /** Collects every body as bytes: each platform judges it by its own rules. */
  app: Express;
  /** Makes endpoints. `failure` is the platform's answer with such a status and error type. */
  endpoints(failure: (status: number, type?: string) => Answer): Endpoint;
  /** The same for pages that a person visits; no exchange is reported, as it is not the server's. */
  visits(failure: (status: number) => Answer): Endpoint;
  deliveries: Delivery[];
  delivery: DeliverySettings & Settings;
  courier: Courier;
  onChange(): void;
  /** Starts listening. `refused` answers what express itself refuses: a body too large, a broken path. */
  open(refused: () => Answer): Promise<StandIn<Delivery, Settings> & { origin: string }>;
};

/** Prepares a stand-in for the platform with this title. `settings` are its own settings of deliveries. */
export function createStandIn<Delivery extends Attempt, Settings>(
  title: string,
  { onExchange, onChange = () => undefined, onAnswer, random }: StandInOptions,
  settings: Settings,
): PreparedStandIn<Delivery, Settings> {
  const beginExchange = onExchange && createExchanges(title, onExchange);
  const faults = createFaults(random);
  const calls: Call[] = [];
  const deliveries: Delivery[] = [];
  const delivery = { ...defaultDelivery, ...settings };
  const courier = createCourier(delivery, beginExchange);
  const app = createLocalApp().use(express.raw({ type: () => true, limit: "1mb" }));

  return {
    app,
    endpoints: (failure) => createEndpoint({ faults, calls, failure, beginExchange, onAnswer }),
    visits: (failure) => createEndpoint({ faults, calls, failure }),
    deliveries,
    delivery,
    courier,
    onChange,
    async open(refused) {
      app.use(refuseUnreadable(refused));
      const { origin, connections, close } = await listen(app);
      const { settled } = courier;
      const stop = () => {
        courier.stop();
        return close();
      };
      return { origin, faults, calls, connections, deliveries, delivery, settled, stop };
    },
  };
}

/** The last handler of an app: answers `refused` where express itself refuses a request. */
export function refuseUnreadable(refused: () => Answer): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const status = error instanceof Error && "status" in error ? error.status : 500;
    if (typeof status === "number" && status < 500 && !res.headersSent) return sendAnswer(res, refused());
    next(error);
  };
}

import { createServer } from "node:http";

/** A port of this machine that nobody listens on now. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once("error", reject);
  probe.listen(0, "127.0.0.1", () => {
    const address = probe.address();
    probe.close(() => {
      if (address !== null && typeof address === "object") resolve(address.port);
      else reject(new Error("this machine has no free port"));
    });
  });
  return promise;
}

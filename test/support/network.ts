import nock from "nock";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

/** The tests of this file reach this machine only, and all answers that they prepare have to be asked for. */
export function forbidNetwork(): void {
  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.enableNetConnect(/^(127\.0\.0\.1|localhost|\[::1\]|::1)(:\d+)?$/);
  });
  afterEach(() => {
    const neverAskedFor = nock.pendingMocks();
    nock.cleanAll();
    expect(neverAskedFor).toEqual([]);
  });
  // Files share their workers, and the next may want the network as it is.
  afterAll(() => {
    nock.enableNetConnect();
    nock.restore();
  });
}

import axios from "axios/dist/node/axios.cjs";
import nock from "nock";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

/**
 * The tests of this file reach this machine only, and all answers that they prepare have to be asked for. Calls go through
 * axios' own adapter, which nock intercepts. Call this before anything makes a client.
 */
export function forbidNetwork(): void {
  const { adapter } = axios.defaults;
  axios.defaults.adapter = "http";
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
    if (adapter) axios.defaults.adapter = adapter;
    nock.enableNetConnect();
    nock.restore();
  });
}

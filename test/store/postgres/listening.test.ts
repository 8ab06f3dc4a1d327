import { expect, test } from "vitest";
import { openPostgresServerStore } from "../../../src/store/postgres/index.ts";
import { createLogSink } from "../../support/log.ts";
import { hasPostgres, makeDatabase, newPostgresUrl } from "../../support/postgres.ts";

test.skipIf(!hasPostgres())(
  "a server that stops as soon as it has started, because its port is taken perhaps, is not kept from ending",
  async () => {
    const url = newPostgresUrl();
    await makeDatabase(url);
    const { log } = createLogSink();
    const store = await openPostgresServerStore({ url, log, encryptionSecretsOf: () => [] });
    expect(await store.close()).toBeUndefined();
  },
  10_000,
);

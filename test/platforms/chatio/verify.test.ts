import { expect, test } from "vitest";
import { Unauthentic } from "../../../src/errors.ts";
import { verifySecret } from "../../../src/platforms/chatio/verify.ts";
import { anIncomingEvent } from "../../support/deliveries.ts";
import { anInstallation } from "../../support/jobs.ts";
import { openTestStore } from "../../support/store.ts";

/** Installations on licenses 1520 and 1521, each with a webhook secret that names it. */
async function installed() {
  const installations = openTestStore().installations.of("chatio");
  for (const account of ["1520", "1521"]) {
    const webhookSecret = `webhook-secret-${account}`;
    const credentials = { accessToken: "access", refreshToken: "refresh", webhookSecret };
    await installations.save(anInstallation({ account, credentials }));
  }
  return installations;
}

test("the secret in the body tells which license a delivery is for", async () => {
  const delivery = anIncomingEvent({ secret: "webhook-secret-1521" });

  expect((await verifySecret(delivery, await installed())).account).toBe("1521");
});

test("the secret of nobody, or of a removed license, proves nothing, and is not in the error", async () => {
  const installations = await installed();
  await installations.remove("1520");

  for (const secret of ["webhook-secret-1522", "webhook-secret-1520"])
    await expect(verifySecret(anIncomingEvent({ secret }), installations)).rejects.toThrow(
      new Unauthentic("The delivery's secret_key belongs to no installation."),
    );
});

test.each<[string, unknown]>([
  ["no secret", {}],
  ["an empty secret", { secret_key: "" }],
  ["null for a secret", { secret_key: null }],
  ["a number for a secret", { secret_key: 1520 }],
  ["a list with the secret", { secret_key: ["webhook-secret-1520"] }],
  ["an endless secret", { secret_key: "x".repeat(1001) }],
  ["the secret one level deeper", { data: { secret_key: "webhook-secret-1520" } }],
  ["nothing but null", null],
  ["nothing but a number", 7],
  ["nothing but the secret", "webhook-secret-1520"],
  ["nothing but a list", []],
])("a delivery with %s proves nothing", async (_name, delivery) => {
  await expect(verifySecret(delivery, await installed())).rejects.toThrow(
    new Unauthentic("The delivery has no secret_key."),
  );
});

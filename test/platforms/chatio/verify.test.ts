import { expect, test } from "vitest";
import { Unauthentic } from "../../../src/errors.ts";
import { verifySecret } from "../../../src/platforms/chatio/verify.ts";
import { anIncomingEvent } from "../../support/deliveries.ts";
import { anInstallation } from "../../support/jobs.ts";
import { openTestStore } from "../../support/store.ts";

async function installationsOf(...licenses: string[]) {
  const installations = openTestStore().installations.of("chatio");
  for (const account of licenses) {
    await installations.save(
      anInstallation({
        account,
        credentials: {
          accessToken: `access-${account}`,
          refreshToken: `refresh-${account}`,
          webhookSecret: `webhook-secret-${account}`,
        },
      }),
    );
  }
  return installations;
}

test("the secret in the body tells which license a delivery is for", async () => {
  const installations = await installationsOf("1520", "1521");

  const found = await verifySecret(anIncomingEvent({ secret: "webhook-secret-1521" }), installations);

  expect(found.account).toBe("1521");
});

test("an unknown secret proves nothing", async () => {
  const installations = await installationsOf("1520");

  const verifying = verifySecret(anIncomingEvent({ secret: "webhook-secret-1522" }), installations);

  await expect(verifying).rejects.toThrow(
    new Unauthentic("The delivery's secret_key belongs to no installation."),
  );
});

test("the secret of a removed license proves nothing", async () => {
  const installations = await installationsOf("1520");
  await installations.remove("1520");

  const verifying = verifySecret(anIncomingEvent({ secret: "webhook-secret-1520" }), installations);

  await expect(verifying).rejects.toThrow(Unauthentic);
});

test.each([
  ["no secret", {}],
  ["an empty secret", { secret_key: "" }],
  ["null for a secret", { secret_key: null }],
  ["a number for a secret", { secret_key: 1520 }],
  ["a list with the secret", { secret_key: ["webhook-secret-1520"] }],
  ["an endless secret", { secret_key: "x".repeat(1001) }],
  ["the secret one level deeper", { data: { secret_key: "webhook-secret-1520" } }],
])("a delivery with %s proves nothing", async (_name, delivery) => {
  const installations = await installationsOf("1520");

  await expect(verifySecret(delivery, installations)).rejects.toThrow(
    new Unauthentic("The delivery has no secret_key."),
  );
});

test.each([[null], [7], ["webhook-secret-1520"], [[]], [true]])(
  "a body that is just %j proves nothing",
  async (body) => {
    await expect(verifySecret(body, await installationsOf("1520"))).rejects.toThrow(Unauthentic);
  },
);

test("the error does not contain the refused secret", async () => {
  const verifying = verifySecret(anIncomingEvent({ secret: "told-by-nobody" }), await installationsOf());

  await expect(verifying).rejects.not.toThrow(/told-by-nobody/);
});

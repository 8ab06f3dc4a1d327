import { expect, test } from "vitest";
import { hideSecrets, MASK, maskPath } from "../../src/sandbox/secrets.ts";

const names = [
  "access_token",
  "refresh_token",
  "token",
  "code",
  "code_verifier",
  "client_secret",
  "bot_secret",
  "secret_key",
  "secret",
];

test.each(names)("the value of %s is masked at any depth, whatever it is", (name) => {
  const given = { [name]: "s3cret", list: [{ [name]: { inner: "s3cret" } }], deep: { [name]: null } };
  expect(hideSecrets(given, MASK)).toEqual({
    [name]: MASK,
    list: [{ [name]: MASK }],
    deep: { [name]: MASK },
  });
});

test.each(names)("in a query %s is masked, and everything else is as sent", (name) => {
  const url = new URL(`http://127.0.0.1/a%2Fb?x=%20y&${name}=s3?cr%26et&token_type=Bearer&flag`);
  expect(maskPath(url)).toBe(`/a%2Fb?x=%20y&${name}=${MASK}&token_type=Bearer&flag`);
});

test("a secret is masked in a query even if its name is percent-encoded or appears twice", () => {
  expect(maskPath(new URL("http://127.0.0.1/?%74oken=one&token=two"))).toBe(`/?token=${MASK}&token=${MASK}`);
});

test("a path without a query has no question mark", () => {
  expect(maskPath(new URL("http://127.0.0.1/token?"))).toBe("/token");
});

test("similar names, texts and lists are not masked", () => {
  const given = { token_type: "Bearer", codes: ["code"], expires_in: 3920, none: null };
  expect(hideSecrets(given, MASK)).toEqual(given);
  expect(hideSecrets("secret", MASK)).toBe("secret");
  expect(hideSecrets(undefined, MASK)).toBeUndefined();
});

test("without a mask secrets are left out", () => {
  expect(hideSecrets({ id: 1, secret: "s", list: [{ token: "t", id: 2 }] })).toEqual({
    id: 1,
    list: [{ id: 2 }],
  });
});

test("the value is copied, not changed", () => {
  const given = { secret: "s", inner: { id: 1 } };
  const hidden = hideSecrets(given, MASK);
  given.inner.id = 2;
  expect(given.secret).toBe("s");
  expect(hidden).toEqual({ secret: MASK, inner: { id: 1 } });
});

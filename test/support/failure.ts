import { PlatformError } from "../../src/errors.ts";

/** What the call fails with. Fails itself if that is not a PlatformError. */
export async function failureOf(call: Promise<unknown>): Promise<PlatformError> {
  const failure = await call.then(
    () => "it did not fail",
    (error: unknown) => error,
  );
  if (!(failure instanceof PlatformError)) throw new Error(`not a PlatformError: ${failure}`);
  return failure;
}

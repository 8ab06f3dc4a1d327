import { vi } from "vitest";

/** On a busy machine what takes a moment may take longer than the second that vi.waitFor has by itself. */
const PATIENCE_MS = 10_000;

const { waitFor } = vi;

// Vitest has no setting for it.
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === "number" ? options : { timeout: PATIENCE_MS, ...options });

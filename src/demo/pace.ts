/** The most milliseconds that a server of the live demo waits until it tries again; otherwise that may be a minute. */
export const LONGEST_PAUSE_MS = 3000;

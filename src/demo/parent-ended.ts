const LOOK_EVERY_MS = 500;

/** Resolves within 500 ms once the process that started this one has ended. Does not keep this one alive. */
export function parentEnded(): Promise<void> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve();
    }, LOOK_EVERY_MS).unref();
  });
}

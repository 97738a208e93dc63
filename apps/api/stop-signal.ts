/** Resolves at the first SIGTERM or Ctrl-C; a second one ends the process at once. */
export function onceStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}

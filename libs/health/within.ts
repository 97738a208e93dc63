/** A look at a part is given up after this, so that a report comes whatever hangs. */
export const MOST_LOOKING_MS = 1_500;

/**
 * What a look comes to within its time, or the error that it ended with.
 * @param ms after it, it is given up, and nobody hears how it ends
 */
export async function within<T>(ms: number, look: () => Promise<T>): Promise<T | Error> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => {
      resolve(new Error(`no answer in ${ms} ms`));
    }, ms);
  });
  const result = look().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

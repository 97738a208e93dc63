/** Beyond what the server itself takes for the longest batch: writes end there after 20 s, and a batch has a few. */
const LONGEST_MS = 2 * 60_000;

/** The database has neither done what it was asked nor refused it. */
export class DatabaseSilent extends Error {
  override readonly name = 'DatabaseSilent';
}

/**
 * Waits for the database, but not for ever: an answer may be lost with the connection that it would have come by, and a
 * cluster is read again only once this cycle is over. What is given up must not write any more when it goes on after all.
 */
export async function withinPatience<T>(work: Promise<T>, patienceMs = LONGEST_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DatabaseSilent(`the database has not answered for ${patienceMs / 1000} s`));
    }, patienceMs);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looked at this often, and so far apart, without a sign of life, a window is dead: longer than any write may take. */
const LOOKS = 7;
const LOOK_INTERVAL_MS = 10_000;

interface Sighting {
  sign: number;
  looks: number;
  last: number;
}

/**
 * Finds the open windows of processes that have died. It goes by what this process itself has seen while the database
 * was answering, so that neither clocks nor a database that hung for a while make a living window look dead.
 */
export class SilentWindows {
  private readonly sightings = new Map<string, Map<string, Sighting>>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param open the windows that are open, each with its last sign of life */
  among(data: string, open: Readonly<Record<string, number>>): string[] {
    const before = this.sightings.get(data);
    const after = new Map<string, Sighting>();
    for (const [window, sign] of Object.entries(open)) after.set(window, this.look(before?.get(window), sign));
    this.sightings.set(data, after);
    return [...after].filter(([, { looks }]) => looks >= LOOKS).map(([window]) => window);
  }

  private look(before: Sighting | undefined, sign: number): Sighting {
    const now = this.now();
    if (before?.sign !== sign) return { sign, looks: 1, last: now };
    if (now - before.last < LOOK_INTERVAL_MS) return before;
    return { sign, looks: before.looks + 1, last: now };
  }
}

import { jest } from '@jest/globals';
import type { ClusterStates, SweepProgress } from '#libs/clusters';
import type { JobWriter } from '#libs/jobs';
import { type AccountingQuestion, SourceError, type SlurmSource, type SourceReading } from '#libs/slurm';
import { clusterNamed, readingAt } from '../../test/support/cluster-configurations.js';
import { AccountingSweep } from './accounting-sweep.js';

const NOW = Date.parse('2026-01-05T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const INTERVAL = 30_000;

/** What is kept in the database, for one cluster. */
class Kept {
  constructor(
    public readAt: number | null,
    public swept: number | null,
  ) {}
  jobsReadAt = () => Promise.resolve(this.readAt);
  at: number | null = null;
  sweep = () => Promise.resolve({ until: this.swept, at: this.at });
  setSweep = (_: string, { until, at }: SweepProgress) => {
    this.swept = until;
    this.at = at;
    return Promise.resolve();
  };
}

/** Accounting that has no jobs, and takes its time. */
class Asked {
  readonly windows: [from: number, to: number][] = [];
  takesMs = 0;
  fails = false;

  accounting = (question: AccountingQuestion): Promise<SourceReading> => {
    if (this.fails) return Promise.reject(new SourceError('unreachable', 'slurmdbd is down'));
    if ('jobIds' in question) throw new Error('no job was asked after');
    jest.advanceTimersByTime(this.takesMs);
    this.windows.push([question.from * 1_000, question.to * 1_000]);
    return Promise.resolve(readingAt(new Date()));
  };
}

function sweepOf(kept: Kept): { asked: Asked; sweep: AccountingSweep; run: () => Promise<SourceReading | null> } {
  const asked = new Asked();
  const sweep = new AccountingSweep(
    clusterNamed('mila', { intervalMs: INTERVAL }),
    asked as unknown as SlurmSource,
    undefined as unknown as JobWriter,
    kept as unknown as ClusterStates,
  );
  const terms = { mayWrite: () => undefined, refuse: () => undefined };
  return { asked, sweep, run: () => sweep.run(terms, () => undefined, new AbortController().signal) };
}

/** The windows follow each other without a hole. @returns where the first begins and the last ends */
function whole(windows: readonly [from: number, to: number][]): [number | undefined, number | undefined] {
  for (const [index, [from]] of windows.entries()) if (index > 0) expect(from).toBe(windows[index - 1]?.[1]);
  return [windows[0]?.[0], windows.at(-1)?.[1]];
}

describe('going through accounting', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: NOW });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is of seven days the first time, and of nothing until the next day, when it overlaps by two', async () => {
    const kept = new Kept(null, null);
    const { asked, run } = sweepOf(kept);
    expect(await run()).not.toBeNull();
    expect(whole(asked.windows)).toEqual([NOW - 7 * DAY, NOW]);
    expect(asked.windows).toHaveLength(28);
    jest.advanceTimersByTime(DAY - 1);
    expect(await run()).toBeNull();
    jest.advanceTimersByTime(1);
    asked.windows.length = 0;
    await run();
    expect(whole(asked.windows)).toEqual([NOW - 2 * DAY, NOW + DAY]);
    expect(kept.swept).toBe(NOW + DAY);
  });

  it('holds up no reading for longer than a fifth of the interval and a step', async () => {
    const { asked, run } = sweepOf(new Kept(null, null));
    asked.takesMs = INTERVAL / 10;
    await run();
    expect(asked.windows).toHaveLength(2);
    asked.takesMs = INTERVAL;
    await run();
    expect(asked.windows).toHaveLength(3);
    asked.takesMs = 0;
    await run();
    const [from] = whole(asked.windows);
    expect(from).toBe(NOW - 7 * DAY);
    expect(await run()).toBeNull();
  });

  it('is at once of what nobody read before this process began', async () => {
    const kept = new Kept(NOW - 20 * MINUTE, NOW - HOUR);
    const { asked, sweep, run } = sweepOf(kept);
    await sweep.begin();
    expect(await run()).toBeNull();
    sweep.jobsRead(NOW);
    await run();
    expect(whole(asked.windows)).toEqual([NOW - 30 * MINUTE, NOW]);
    expect(await run()).toBeNull();
    // The daily one comes when it is due all the same.
    expect(kept.swept).toBe(NOW - HOUR);
  });

  it('is at once of what could not be read meanwhile, also where accounting fails at first', async () => {
    const { asked, sweep, run } = sweepOf(new Kept(NOW, NOW));
    await sweep.begin();
    sweep.jobsRead(NOW);
    jest.advanceTimersByTime(2 * HOUR);
    sweep.jobsFailed();
    jest.advanceTimersByTime(6 * HOUR);
    sweep.jobsRead(NOW + 8 * HOUR);
    asked.fails = true;
    await expect(run()).rejects.toThrow('slurmdbd is down');
    asked.fails = false;
    await run();
    expect(whole(asked.windows)).toEqual([NOW - 10 * MINUTE, NOW + 8 * HOUR]);
    expect(await run()).toBeNull();
  });

  it('is not of the time between the readings of a slow Slurm, nor of a single cycle that failed', async () => {
    const { sweep, run } = sweepOf(new Kept(NOW, NOW));
    await sweep.begin();
    sweep.jobsRead(NOW);
    sweep.jobsRead(NOW + HOUR);
    expect(await run()).toBeNull();
    sweep.jobsFailed();
    sweep.jobsRead(NOW + HOUR + 2 * INTERVAL);
    expect(await run()).toBeNull();
  });

  it('goes on where another process left it, and does again what has failed', async () => {
    const kept = new Kept(NOW, null);
    const windows: [from: number, to: number][] = [];
    for (let process = 0; process < 3; process += 1) {
      const { asked, run } = sweepOf(kept);
      asked.fails = true;
      await expect(run()).rejects.toThrow('slurmdbd is down');
      asked.fails = false;
      asked.takesMs = INTERVAL;
      await run();
      windows.push(...asked.windows);
    }
    expect(whole(windows)).toEqual([NOW - 7 * DAY, NOW - 7 * DAY + 18 * HOUR]);
  });

  it('comes to an end also where the clock was ahead', async () => {
    const kept = new Kept(NOW, NOW + 365 * DAY);
    const { asked, run } = sweepOf(kept);
    await run();
    expect(whole(asked.windows)).toEqual([NOW - 2 * DAY, NOW]);
    expect(kept.swept).toBe(NOW);
    expect(await run()).toBeNull();
  });
});

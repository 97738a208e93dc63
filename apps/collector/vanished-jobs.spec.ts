import { jest } from '@jest/globals';
import type { JobWriter, LiveJobs } from '#libs/jobs';
import type { SlurmSource } from '#libs/slurm';
import { clusterNamed, readingAt } from '../../test/support/cluster-configurations.js';
import { VanishedJobs } from './vanished-jobs.js';

const MINUTE_MS = 60_000;
const INTERVAL_MS = 30_000;
const UNKNOWN_AFTER_MS = 60 * MINUTE_MS;

/** Vanished jobs that accounting does not know, and a note of what was asked and given up. */
class Surroundings {
  vanished: string[] = [];
  questions: string[][] = [];
  givenUpBefore: number[] = [];

  readonly jobs = new VanishedJobs(
    clusterNamed('mila', { intervalMs: INTERVAL_MS, unknownAfterMs: UNKNOWN_AFTER_MS }),
    {
      accounting: ({ jobIds }: { jobIds: string[] }) => {
        this.questions.push(jobIds);
        return Promise.resolve(readingAt(new Date()));
      },
    } as unknown as SlurmSource,
    {} as unknown as JobWriter,
    {
      vanished: () => Promise.resolve(this.vanished.map((jobId) => ({ jobId, since: new Date() }))),
      vanishedCount: () => Promise.resolve(this.vanished.length),
      giveUp: (_: string, before: Date) => {
        this.givenUpBefore.push(before.getTime());
        return Promise.resolve(0);
      },
    } as unknown as LiveJobs,
  );

  async run(): Promise<void> {
    const terms = { mayWrite: () => undefined, refuse: () => undefined };
    await this.jobs.run(terms, new AbortController().signal);
  }

  /** One an interval. */
  async cycles(count: number): Promise<void> {
    for (let cycle = 0; cycle < count; cycle += 1) {
      await this.run();
      jest.advanceTimersByTime(INTERVAL_MS);
    }
  }
}

let around: Surroundings;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
  around = new Surroundings();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('jobs that have vanished', () => {
  it('are asked for in the next cycles, then ever less, but every ten minutes', async () => {
    around.vanished = ['7'];
    const asked: number[] = [];
    for (let cycle = 0; cycle < 120; cycle += 1) {
      const { length } = around.questions;
      await around.cycles(1);
      if (around.questions.length > length) asked.push(cycle);
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 51, 71, 91, 111]);
  });

  it('are asked for in questions of 500, four a cycle, and none is forgotten over the others', async () => {
    around.vanished = Array.from({ length: 5_000 }, (_, index) => String(index));
    await around.cycles(1);
    expect(around.questions.map(({ length }) => length)).toEqual([500, 500, 500, 500]);
    await around.cycles(4);
    expect(new Set(around.questions.flat()).size).toBe(5_000);
    expect(await around.jobs.waiting()).toBe(5_000);
  });

  it('that are shown again are asked for at once when they vanish anew', async () => {
    around.vanished = ['7'];
    await around.cycles(10);
    around.vanished = [];
    await around.cycles(1);
    around.vanished = ['7'];
    const { length } = around.questions;
    await around.cycles(1);
    expect(around.questions.length).toBe(length + 1);
  });

  it('are asked for at the same pace whatever the clock on the wall does', async () => {
    around.vanished = ['7'];
    await around.cycles(1);
    jest.setSystemTime(Date.now() - 365 * 24 * 60 * MINUTE_MS);
    await around.cycles(3);
    expect(around.questions).toHaveLength(3);
  });

  it('are given up after their time; after a leap of the clock all get that time anew', async () => {
    await around.cycles(2);
    expect(around.givenUpBefore).toHaveLength(2);
    expect(around.givenUpBefore.at(-1)).toBe(Date.now() - INTERVAL_MS - UNKNOWN_AFTER_MS);
    jest.setSystemTime(Date.now() + 24 * 60 * MINUTE_MS);
    await around.cycles(UNKNOWN_AFTER_MS / INTERVAL_MS);
    expect(around.givenUpBefore).toHaveLength(2);
    await around.cycles(1);
    expect(around.givenUpBefore).toHaveLength(3);
  });

  it('are taken for known by nobody after that, where the clock is merely a little off', async () => {
    await around.cycles(1);
    for (let cycle = 0; cycle < 10; cycle += 1) {
      jest.setSystemTime(Date.now() + 500);
      await around.cycles(1);
    }
    expect(around.givenUpBefore).toHaveLength(11);
  });
});

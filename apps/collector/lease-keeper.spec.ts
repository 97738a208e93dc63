import { jest } from '@jest/globals';
import type { ClusterLeases, LeaseAnswer } from '#libs/clusters';
import { LeaseKeeper, LeaseLost } from './lease-keeper.js';

const TTL_MS = 9_000;

/** The leases' side of it: what it answers is set by the test. */
class Answers {
  held = true;
  fails = false;
  renewals = 0;
  released = 0;

  get leases(): ClusterLeases {
    return {
      take: () => this.answer(),
      renew: () => {
        this.renewals += 1;
        return this.answer();
      },
      release: () => {
        this.released += 1;
        return Promise.resolve();
      },
    } as unknown as ClusterLeases;
  }

  private answer(): Promise<LeaseAnswer> {
    if (this.fails) return Promise.reject(new Error('the database is away'));
    if (this.held) return Promise.resolve({ held: true, heldUntil: performance.now() + TTL_MS });
    return Promise.resolve({ held: false, by: { holder: 'other', until: new Date() } });
  }
}

let answers: Answers;
let keeper: LeaseKeeper;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
  answers = new Answers();
  keeper = new LeaseKeeper(answers.leases, 'mila', 'me', TTL_MS);
});

afterEach(() => {
  jest.useRealTimers();
});

describe('the lease of a cluster', () => {
  it('is held for as long as it is renewed', async () => {
    expect(keeper.isHeld).toBe(false);
    expect(await keeper.take()).toBe(true);
    await jest.advanceTimersByTimeAsync(10 * TTL_MS);
    expect(keeper.isHeld).toBe(true);
    expect(answers.renewals).toBe(30);
  });

  it('outlasts a database that is away for less than its time', async () => {
    await keeper.take();
    answers.fails = true;
    await jest.advanceTimersByTimeAsync(TTL_MS - 1_000);
    expect(keeper.isHeld).toBe(true);
    answers.fails = false;
    await jest.advanceTimersByTimeAsync(TTL_MS);
    expect(keeper.isHeld).toBe(true);
  });

  it('is lost with its time, where it cannot be renewed: nothing may be written', async () => {
    await keeper.take();
    answers.fails = true;
    await jest.advanceTimersByTimeAsync(TTL_MS);
    expect(keeper.isHeld).toBe(false);
    expect(() => {
      keeper.check();
    }).toThrow(LeaseLost);
    const { renewals } = answers;
    await jest.advanceTimersByTimeAsync(10 * TTL_MS);
    expect(answers.renewals).toBe(renewals);
  });

  it('is lost at once where another has it', async () => {
    await keeper.take();
    answers.held = false;
    await jest.advanceTimersByTimeAsync(TTL_MS / 3);
    expect(keeper.isHeld).toBe(false);
    expect(await keeper.take()).toBe(false);
    expect(keeper.otherHolder).toBe('other');
  });

  it('is not taken for held after the machine has slept, while one of the clocks stood still', async () => {
    await keeper.take();
    jest.setSystemTime(Date.now() + TTL_MS);
    expect(keeper.isHeld).toBe(false);
  });

  it('is held no longer where the clock on the wall is set back', async () => {
    await keeper.take();
    jest.setSystemTime(Date.now() - 3_600_000);
    answers.fails = true;
    await jest.advanceTimersByTimeAsync(TTL_MS);
    expect(keeper.isHeld).toBe(false);
  });

  it('that was given back stays so, also where a renewal was under way', async () => {
    await keeper.take();
    jest.advanceTimersByTime(TTL_MS / 3);
    await keeper.release();
    await jest.advanceTimersByTimeAsync(TTL_MS);
    expect(keeper.isHeld).toBe(false);
    expect(answers).toMatchObject({ released: 1, renewals: 1 });
  });
});

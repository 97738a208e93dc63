import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseCalls, DatabaseTimeoutError } from './database-calls.js';

const never = (): Promise<never> => new Promise(() => undefined);

/** How long a call took to fail, in milliseconds. */
async function failureTime(calls: DatabaseCalls): Promise<number> {
  const before = performance.now();
  await expect(calls.run(never)).rejects.toThrow(DatabaseTimeoutError);
  return performance.now() - before;
}

describe('DatabaseCalls', () => {
  it('gives what the operation gives, and throws what it throws', async () => {
    const calls = new DatabaseCalls();
    await expect(calls.run(() => Promise.resolve(5))).resolves.toBe(5);
    await expect(calls.run(() => Promise.reject(new Error('duplicate key')))).rejects.toThrow('duplicate key');
  });

  it('fails all calls once the database has been silent for a while', async () => {
    const calls = new DatabaseCalls();
    const times = await Promise.all([failureTime(calls), failureTime(calls), wait(300).then(() => failureTime(calls))]);
    for (const time of times) {
      expect(time).toBeGreaterThan(2000);
      expect(time).toBeLessThan(3500);
    }
  });

  it('tells an operation when nobody waits for it any more, and not before', async () => {
    const told: AbortSignal[] = [];
    const answered = new DatabaseCalls().run((abandoned) => {
      told.push(abandoned);
      return Promise.resolve();
    });
    await answered;
    const silent = new DatabaseCalls().run((abandoned) => {
      told.push(abandoned);
      return never();
    });
    await expect(silent).rejects.toThrow(DatabaseTimeoutError);
    expect(told.map(({ aborted }) => aborted)).toEqual([false, true]);
  });

  it('gives a call more time while others are answered, and no longer', async () => {
    const calls = new DatabaseCalls();
    const failed = failureTime(calls);
    for (let answers = 0; answers < 6; answers += 1) {
      await wait(500);
      await calls.run(() => Promise.resolve());
    }
    const lastAnswer = performance.now();
    const time = await failed;
    expect(time).toBeGreaterThan(4500);
    expect(performance.now() - lastAnswer).toBeLessThan(3500);
  });

  it('refuses calls beyond the most at once, whether they end well, badly or at once', async () => {
    const calls = new DatabaseCalls();
    const failing = (): Promise<never> => {
      throw new Error('not connected');
    };
    for (let count = 0; count < 11_000; count += 1) await calls.run(failing).catch(() => undefined);
    await expect(calls.run(failing)).rejects.toThrow('not connected');

    const answers: (() => void)[] = [];
    const open = Array.from({ length: 10_000 }, () => calls.run(() => new Promise<void>((done) => answers.push(done))));
    await expect(calls.run(() => Promise.resolve())).rejects.toThrow(DatabaseTimeoutError);
    for (const answer of answers) answer();
    await Promise.all(open);
    await expect(calls.run(() => Promise.resolve(1))).resolves.toBe(1);
  });

  it('leaves nothing that fails later where an operation throws at once', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const failing = (): Promise<never> => {
        throw new Error('not connected');
      };
      await expect(new DatabaseCalls().run(failing)).rejects.toThrow('not connected');
      await wait(2600);
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});

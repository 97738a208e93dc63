import { jest } from '@jest/globals';
import { QueueLengths } from '#libs/common';
import { DatabaseCalls, DatabaseTimeoutError } from './database-calls.js';

const never = (): Promise<never> => new Promise(() => undefined);
const failing = (): Promise<never> => {
  throw new Error('not connected');
};
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** What has become of a call so far. */
function watch(call: Promise<unknown>): { state: string } {
  const watched = { state: 'under way' };
  call.then(
    () => (watched.state = 'answered'),
    (error: unknown) => (watched.state = error instanceof DatabaseTimeoutError ? 'timed out' : String(error)),
  );
  return watched;
}

describe('DatabaseCalls', () => {
  let calls: DatabaseCalls;
  beforeEach(() => {
    jest.useFakeTimers();
    calls = new DatabaseCalls(new QueueLengths());
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('gives what the operation gives, and throws what it throws', async () => {
    await expect(calls.run(() => Promise.resolve(5))).resolves.toBe(5);
    await expect(calls.run(() => Promise.reject(new Error('duplicate key')))).rejects.toThrow('duplicate key');
    await expect(calls.run(failing)).rejects.toThrow('not connected');
  });

  it('gives a call that may have met a broken connection less, whatever answers others get', async () => {
    const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
    const before = watch(calls.run(never));
    await expect(calls.run(() => Promise.reject(broken))).rejects.toBe(broken);
    const rightThen = watch(calls.run(never));
    await pass(600);
    const later = watch(calls.run(never));
    for (let round = 0; round < 10; round += 1) {
      await calls.run(() => Promise.resolve());
      await pass(200);
    }
    expect([before.state, rightThen.state, later.state]).toEqual(['timed out', 'timed out', 'under way']);
  });

  it('takes it for no break that there is no server for a call', async () => {
    const before = watch(calls.run(never));
    const nobody = Object.assign(new Error('no primary'), { name: 'MongoServerSelectionError' });
    await expect(calls.run(() => Promise.reject(nobody))).rejects.toBe(nobody);
    await pass(2000);
    expect(before.state).toBe('under way');
  });

  it('fails each call once the database has been silent for a while', async () => {
    const first = watch(calls.run(never));
    await pass(1000);
    const second = watch(calls.run(never));
    await pass(1000);
    expect([first.state, second.state]).toEqual(['under way', 'under way']);
    await pass(1000);
    expect([first.state, second.state]).toEqual(['timed out', 'under way']);
    await pass(1000);
    expect(second.state).toBe('timed out');
  });

  it('gives a call more time while others are answered, until these are not any more', async () => {
    const call = watch(calls.run(never));
    for (let seconds = 0; seconds < 10; seconds += 1) {
      await calls.run(() => Promise.resolve());
      await pass(1000);
    }
    expect(call.state).toBe('under way');
    await pass(2000);
    expect(call.state).toBe('timed out');
  });

  it('lets no call wait for ever, however busy the database is', async () => {
    const call = watch(calls.run(never));
    let seconds = 0;
    for (; call.state === 'under way' && seconds < 60; seconds += 1) {
      await calls.run(() => Promise.resolve());
      await pass(1000);
    }
    expect(call.state).toBe('timed out');
    expect(seconds).toBe(20);
  });

  it('tells an operation when nobody waits for it any more', async () => {
    let signal: AbortSignal | undefined;
    watch(
      calls.write((abandoned) => {
        signal = abandoned;
        return never();
      }),
    );
    await pass(2000);
    expect(signal?.aborted).toBe(false);
    await pass(1000);
    expect(signal?.aborted).toBe(true);
  });

  it('fails a write once no write was answered for a while, though reads are', async () => {
    const [first, read] = [watch(calls.write(never)), watch(calls.run(never))];
    for (let seconds = 0; seconds < 4; seconds += 1) {
      await calls.run(() => Promise.resolve());
      await pass(950);
    }
    await expect(calls.write(() => Promise.resolve(6))).resolves.toBe(6);
    await pass(1000);
    expect(first.state).toBe('under way');
    for (let seconds = 0; seconds < 4; seconds += 1) {
      await calls.run(() => Promise.resolve());
      await pass(1000);
    }
    expect([first.state, read.state]).toEqual(['timed out', 'under way']);
  });

  it('counts the time that a write has waited already', async () => {
    await pass(60_000);
    const late = watch(calls.write(never, performance.now() - 3600));
    await pass(300);
    expect(late.state).toBe('under way');
    await pass(200);
    expect(late.state).toBe('timed out');
  });

  it('gives a read more time while writes are answered', async () => {
    const read = watch(calls.run(never));
    for (let seconds = 0; seconds < 5; seconds += 1) {
      await calls.write(() => Promise.resolve());
      await pass(1000);
    }
    expect(read.state).toBe('under way');
  });

  it('leaves no timer behind a call that has ended, in whatever way', async () => {
    await calls.run(() => Promise.resolve());
    await calls.run(failing).catch(() => undefined);
    await calls.run(() => Promise.reject(new Error('x'))).catch(() => undefined);
    watch(calls.run(never));
    await pass(3000);
    // One left behind would reject a promise that nobody holds any more, which ends the process.
    expect(jest.getTimerCount()).toBe(0);
  });

  it('refuses a call while the most are under way, and takes calls again once they have ended', async () => {
    for (let count = 0; count < 11_000; count += 1) await calls.run(failing).catch(() => undefined);
    const answers: (() => void)[] = [];
    const open = Array.from({ length: 10_000 }, () => calls.run(() => new Promise<void>((done) => answers.push(done))));
    await expect(calls.run(() => Promise.resolve())).rejects.toThrow(DatabaseTimeoutError);
    for (const answer of answers) answer();
    await Promise.all(open);
    await expect(calls.run(() => Promise.resolve(1))).resolves.toBe(1);
  });
});

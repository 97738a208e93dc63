import { setImmediate } from 'node:timers/promises';
import { BoundedTurns } from './bounded-turns.js';

describe('BoundedTurns', () => {
  const never = new AbortController().signal;

  function heldOperation(log: string[], name: string) {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const operation = () => {
      log.push(name);
      return promise;
    };
    const end = () => {
      resolve(name);
    };
    return { operation, end, fail: reject };
  }

  it('begins as many operations on a key as it may, and the others in their order as these end', async () => {
    const turns = new BoundedTurns(2);
    const log: string[] = [];
    const a = heldOperation(log, 'a');
    const b = heldOperation(log, 'b');
    const c = heldOperation(log, 'c');
    const d = heldOperation(log, 'd');
    const results = [a, b, c, d].map(({ operation }) => turns.run('job', never, operation));
    await setImmediate();
    expect(log).toEqual(['a', 'b']);
    b.end();
    await setImmediate();
    expect(log).toEqual(['a', 'b', 'c']);
    for (const each of [a, c, d]) each.end();
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd']);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('makes no operation wait for one on another key', async () => {
    const turns = new BoundedTurns(1);
    const log: string[] = [];
    const held = heldOperation(log, 'held');
    const first = turns.run('one job', never, held.operation);
    expect(await turns.run('another job', never, () => Promise.resolve('done'))).toBe('done');
    held.end();
    await first;
  });

  it('passes the turn on when an operation fails', async () => {
    const turns = new BoundedTurns(1);
    const held = heldOperation([], 'fails');
    const failing = turns.run('job', never, held.operation);
    const next = turns.run('job', never, () => Promise.resolve('done'));
    held.fail(new Error('the database said no'));
    await expect(failing).rejects.toThrow('the database said no');
    expect(await next).toBe('done');
  });

  it('does not begin an operation that was abandoned while it waited', async () => {
    const turns = new BoundedTurns(1);
    const log: string[] = [];
    const held = heldOperation(log, 'held');
    const first = turns.run('job', never, held.operation);
    const abandoned = new AbortController();
    const second = turns.run('job', abandoned.signal, heldOperation(log, 'abandoned').operation);
    abandoned.abort(new Error('too late'));
    held.end();
    await expect(second).rejects.toThrow('too late');
    await first;
    expect(log).toEqual(['held']);
  });
});

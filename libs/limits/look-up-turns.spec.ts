import { LookUpTurns } from './look-up-turns.js';

/** Look-ups that end when they are told to. */
function held() {
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const lookUp = (number: number) => () =>
    new Promise<number>((resolve) => {
      begun.push(number);
      ends.push(() => {
        resolve(number);
      });
    });
  return { ends, begun, lookUp };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('LookUpTurns', () => {
  it('makes a few at a time, in the order in which they came', async () => {
    const turns = new LookUpTurns();
    const { ends, begun, lookUp } = held();
    const answers = Array.from({ length: 6 }, (_, number) => turns.run(lookUp(number)));
    await settled();
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(turns.size).toBe(6);
    ends[2]?.();
    await settled();
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    for (let at = 0; at < 6; at += 1) {
      ends[at]?.();
      await settled();
    }
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(turns.size).toBe(0);
  });

  it('goes on after a look-up that failed', async () => {
    const turns = new LookUpTurns();
    for (let time = 0; time < 10; time += 1) {
      await expect(turns.run(() => Promise.reject(new Error('no database')))).rejects.toThrow('no database');
    }
    expect(await turns.run(() => Promise.resolve('found'))).toBe('found');
    expect(turns.size).toBe(0);
  });

  it('turns away who comes when a thousand wait', async () => {
    const turns = new LookUpTurns();
    const { ends, lookUp } = held();
    const answers = Array.from({ length: 1_004 }, (_, number) => turns.run(lookUp(number)));
    expect(await turns.run(() => Promise.resolve('found'))).toBeNull();
    for (let at = 0; at < 1_004; at += 1) {
      await settled();
      ends[at]?.();
    }
    await Promise.all(answers);
    expect(await turns.run(() => Promise.resolve('found'))).toBe('found');
  });
});

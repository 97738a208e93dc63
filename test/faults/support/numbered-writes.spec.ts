import { NumberedWrites } from './numbered-writes.ts';

function written(count: number): { writes: NumberedWrites; dict: Record<string, number> } {
  const writes = new NumberedWrites('1', 'w');
  const dict: Record<string, number> = {};
  for (let at = 0; at < count; at += 1) {
    const next = writes.begin();
    if (next === null) throw new Error('the ring is full');
    Object.assign(dict, next.pairs);
    writes.confirm(next.number);
  }
  return { writes, dict };
}

describe('numbered writes', () => {
  it('find nothing wrong in a dict that has all of them, once round the ring and more', () => {
    const { writes, dict } = written(1_000);
    expect(writes.problemIn(dict, writes.floor())).toBeNull();
  });

  it('find the one that is lost, whether its key is gone or has the value of the round before', () => {
    const { writes, dict } = written(500);
    const without = Object.fromEntries(Object.entries(dict).filter(([key]) => key !== 'w7'));
    expect(writes.problemIn(without, writes.floor())).toMatch(/w7 is 0, but 407 was acknowledged/);
    expect(writes.problemIn({ ...dict, w7: 7 }, writes.floor())).toMatch(/w7 is 7, but 407/);
  });

  it('allow what was not acknowledged to be there or not, and nothing that was never sent', () => {
    const { writes, dict } = written(3);
    const next = writes.begin();
    writes.doubt(next?.number ?? 0);
    expect(writes.problemIn(dict, writes.floor())).toBeNull();
    expect(writes.problemIn({ ...dict, ...next?.pairs }, writes.floor())).toBeNull();
    expect(writes.problemIn({ ...dict, w5: 5 }, writes.floor())).toMatch(/w5 is 5, which was not sent/);
    expect(writes.problemIn({ ...dict, w2: 'x' }, writes.floor())).toMatch(/nobody wrote/);
  });

  it('hold an answer against what was acknowledged when it was asked for, and not later', () => {
    const { writes, dict } = written(3);
    const floor = writes.floor();
    const next = writes.begin();
    writes.confirm(next?.number ?? 0);
    expect(writes.problemIn(dict, floor)).toBeNull();
    expect(writes.problemIn(dict, writes.floor())).not.toBeNull();
  });

  it('leave alone a key whose last update may still take effect', () => {
    const { writes } = written(1);
    const doubtful = writes.begin();
    writes.doubt(doubtful?.number ?? 0);
    const numbers = Array.from({ length: 800 }, () => writes.begin()?.number ?? 0);
    expect(numbers.filter((number) => number % 400 === (doubtful?.number ?? 0) % 400)).toEqual([]);
  });
});

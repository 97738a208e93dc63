import { interleaved } from './rounds.ts';

describe('interleaved', () => {
  it('takes each measurement once a round, in turn', async () => {
    const order: string[] = [];
    const take = (name: string, value: number) => () => {
      order.push(name);
      return Promise.resolve(value + order.length);
    };
    const reported: number[] = [];
    const samples = await interleaved(2, { a: take('a', 0), b: take('b', 100) }, (round) => reported.push(round));
    expect(order).toEqual(['a', 'b', 'a', 'b']);
    expect(samples).toEqual({ a: [1, 3], b: [102, 104] });
    expect(reported).toEqual([1, 2]);
  });
});

import { gpusOfTres, tresCount, tresText } from './tres-text.js';
import { WrongShape } from './wrong-shape.js';

const tres = (type: string, count: number | null, name: string | null = null) => ({ type, name, id: 1, count });

describe('trackable resources', () => {
  it("leaves squeue's text as it is, but for memory in parts of a unit", () => {
    expect(tresText('cpu=1,mem=4G,node=1,billing=1,gres/gpu:a100=2')).toBe(
      'cpu=1,mem=4G,node=1,billing=1,gres/gpu:a100=2',
    );
    expect(tresText('cpu=1,mem=62.50G')).toBe('cpu=1,mem=64000M');
    expect(tresText('cpu=1,mem=1000.01G')).toBe('cpu=1,mem=1000.01G');
    expect(tresText('')).toBeNull();
    expect(tresText(null)).toBeNull();
  });

  it("puts sacct's text, in order of names, into squeue's order", () => {
    expect(tresText('billing=4,cpu=4,gres/gpu:a100=2,gres/gpu=2,license/matlab=3,mem=400M,node=1')).toBe(
      'cpu=4,mem=400M,node=1,billing=4,gres/gpu=2,gres/gpu:a100=2,license/matlab=3',
    );
  });

  it("writes sacct's list as squeue does", () => {
    const list = [
      tres('cpu', 4),
      tres('mem', 4000),
      tres('gres', 2, 'gpu'),
      tres('gres', 2, 'gpu:a100'),
      tres('license', 3, 'matlab'),
    ];
    expect(tresText(list)).toBe('cpu=4,mem=4000M,gres/gpu=2,gres/gpu:a100=2,license/matlab=3');
    expect(tresText([{ ...tres('cpu', 4), name: '' }])).toBe('cpu=4');
    expect(tresText([])).toBeNull();
  });

  it('leaves out a count that accounting does not have', () => {
    expect(tresText([tres('cpu', 1), tres('energy', null), tres('energy', -2)])).toBe('cpu=1');
    expect(tresText([tres('energy', null)])).toBeNull();
  });

  it.each([
    [100, '100M'],
    [1024, '1G'],
    [4096, '4G'],
    [4097, '4097M'],
    [1024 ** 2, '1T'],
    [1024 ** 3, '1P'],
    [1024 ** 4, '1024P'],
    [0, '0M'],
  ])('writes %d MB as %s', (count, text) => {
    expect(tresText([tres('mem', count)])).toBe(`mem=${text}`);
  });

  it.each([5, {}, [1], [{ count: 1 }], 'none'])('%j is none', (printed) => {
    expect(() => tresText(printed)).toThrow(WrongShape);
  });

  it('counts one resource, not one that is named like it', () => {
    expect(tresCount('cpu=16,node=2', 'cpu')).toBe(16);
    expect(tresCount('cpu=16,node=2', 'node')).toBe(2);
    expect(tresCount('gres/node=2', 'node')).toBeNull();
    expect(tresCount(null, 'cpu')).toBeNull();
  });

  it.each([
    [null, 0, {}],
    ['cpu=1,mem=4G', 0, {}],
    ['gres/gpu=1', 1, {}],
    ['gres/gpu=2,gres/gpu:a100=2', 2, { a100: 2 }],
    ['gres/gpu=3,gres/gpu:a100=2,gres/gpu:v100=1', 3, { a100: 2, v100: 1 }],
    ['gres/gpu:a100=2', 2, { a100: 2 }],
    ['gres/gpu=4,gres/gpu:a100=2', 4, { a100: 2 }],
    ['gres/gpumem=80G,gres/shard=3', 0, {}],
    ['gres/gpu:1g.10gb=7', 7, { '1g.10gb': 7 }],
  ])('%j has %d GPUs', (text, total, byType) => {
    const gpus = gpusOfTres(text);
    expect([gpus.total, Object.fromEntries(gpus.byType)]).toEqual([total, byType]);
  });
});

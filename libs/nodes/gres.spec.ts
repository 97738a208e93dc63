import fc from 'fast-check';
import { gpusOfGres, type GpuCount } from './gres.js';

const gpu = (type: string | null, number: number): GpuCount => ({ type, number });

describe('gpusOfGres', () => {
  it.each<[string, GpuCount[]]>([
    ['', []],
    ['(null)', []],
    ['gpu', [gpu(null, 1)]],
    ['gpu:2', [gpu(null, 2)]],
    ['gpu:rtx8000', [gpu('rtx8000', 1)]],
    ['gpu:rtx8000:2', [gpu('rtx8000', 2)]],
    ['gpu:rtx8000:2(S:0-1)', [gpu('rtx8000', 2)]],
    ['gpu:rtx8000:2(S:0,1)', [gpu('rtx8000', 2)]],
    ['gpu:2(S:0-1)', [gpu(null, 2)]],
    ['gpu(S:0)', [gpu(null, 1)]],
    ['gpu:a100:4(IDX:0-1,3)', [gpu('a100', 4)]],
    ['gpu:1g.10gb:7', [gpu('1g.10gb', 7)]],
    ['gpu:a100-sxm4-80gb:4(S:2-5)', [gpu('a100-sxm4-80gb', 4)]],
    ['gpu:a100_3g.20gb:2', [gpu('a100_3g.20gb', 2)]],
    ['gpu:1080:2', [gpu('1080', 2)]],
    ['gpu:v100:0', []],
    ['gpu:0', []],
    ['gpu:v100:2,gpu:v100:2', [gpu('v100', 4)]],
    ['gpu:v100:2(S:0),gpu:v100:2(S:1)', [gpu('v100', 4)]],
    ['gpu:2,gpu:v100:1,gpu:1', [gpu(null, 3), gpu('v100', 1)]],
    ['gpu:b:1,gpu:a:1,gpu:b:1', [gpu('b', 2), gpu('a', 1)]],
    ['gpu:a100:2,gpu:1g.10gb:7', [gpu('a100', 2), gpu('1g.10gb', 7)]],
    ['gpu:a100:0,gpu:b200:1', [gpu('b200', 1)]],
    ['craynetwork:4,gpu:v100:2,tmpdisk:100G', [gpu('v100', 2)]],
    ['mps:100', []],
    ['gpumem:80G', []],
    ['gres:gpu:v100:2', [gpu('v100', 2)]],
    ['gres/gpu:v100:2', [gpu('v100', 2)]],
    ['gpu:v100:2, gpu:k80:1', [gpu('v100', 2), gpu('k80', 1)]],
    ['gpu:tesla:no_consume:2', [gpu('tesla', 2)]],
    ['gpu:no_consume:2', [gpu(null, 2)]],
    ['gpu:V100:2', [gpu('V100', 2)]],
    ['gpu:__proto__:2', [gpu('__proto__', 2)]],
  ])('%j', (gres, gpus) => {
    expect(gpusOfGres(gres)).toEqual(gpus);
  });

  it('adds up any number of sockets, and each type comes once', () => {
    const item = fc.tuple(fc.constantFrom('a100', 'v100', '1g.10gb', ''), fc.integer({ min: 0, max: 9 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const texts = items.map(([type, count, socket]) => {
          return `gpu${type === '' ? '' : `:${type}`}:${count}${socket ? '(S:0,1)' : ''}`;
        });
        const gpus = gpusOfGres(texts.join(','));
        for (const { type, number } of gpus) {
          const counts = items.filter(([name]) => name === (type ?? '')).map(([, count]) => count);
          expect(number).toBe(counts.reduce((sum, count) => sum + count, 0));
        }
        const types = gpus.map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
        expect(types.length).toBe(new Set(items.filter(([, count]) => count > 0).map(([type]) => type)).size);
      }),
    );
  });

  it('never throws, and names and counts nothing that is not there', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('gpu', ':', ',', '(', ')', 'a100', '2', 'S:0', '9999999999', 'gres/') }),
    );
    fc.assert(
      fc.property(text, (gres) => {
        for (const { type, number } of gpusOfGres(gres)) {
          expect(type).not.toBe('');
          expect(number).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

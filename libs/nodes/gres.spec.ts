import fc from '../../test/support/seeded-fast-check.js';
import { gpusOfGres, gpusOfNode, gpusOfTres, type GpuCount, isEmptyGres, MOST_GPUS } from './gres.js';

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
    ['gpu:tesla:k80:2', [gpu('tesla:k80', 2)]],
    ['gpu:nvidia_a100_3g.20gb:1', [gpu('nvidia_a100_3g.20gb', 1)]],
    ['gpu:nvidia_h100_80gb_hbm3_1g.10gb:7(S:0-1)', [gpu('nvidia_h100_80gb_hbm3_1g.10gb', 7)]],
    ['gpu:1g.10gb', [gpu('1g.10gb', 1)]],
    ['gpu:a100:4,shard:32', [gpu('a100', 4)]],
    ['gpu:a100:4(S:0-1),shard:a100:32(S:0-1)', [gpu('a100', 4)]],
    ['shard:8', []],
    ['gpu:v100:2,mps:v100:200', [gpu('v100', 2)]],
    ['gpu:v100:no_consume', [gpu('v100', 1)]],
    ['gpu:1K', [gpu(null, 1024)]],
    ['gpu:a100:2k', [gpu('a100', 2048)]],
    ['gpu:a100:9999999999', [gpu('a100', MOST_GPUS)]],
    ['gpu:a100:1P', [gpu('a100', MOST_GPUS)]],
    ['gpu:2080ti:8', [gpu('2080ti', 8)]],
    ['gpu:a100:-1', [gpu('a100:-1', 1)]],
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
          expect(number).toBeLessThanOrEqual(MOST_GPUS);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('isEmptyGres', () => {
  it.each(['', ' ', '(null)', 'N/A', ','])('%j says nothing', (gres) => {
    expect(isEmptyGres(gres)).toBe(true);
  });

  it.each(['gpu:0', 'gpu', 'tmpdisk:500', 'none'])('%j says something', (gres) => {
    expect(isEmptyGres(gres)).toBe(false);
  });
});

describe('gpusOfTres', () => {
  it.each<[string, GpuCount[]]>([
    ['', []],
    ['(null)', []],
    ['cpu=40,mem=191000M,billing=46', []],
    ['cpu=16,mem=32000M,billing=16,gres/gpu=4', [gpu(null, 4)]],
    ['cpu=16,gres/gpu=4,gres/gpu:rtx8000=4', [gpu('rtx8000', 4)]],
    ['gres/gpu=4,gres/gpu:a100=2,gres/gpu:v100=2', [gpu('a100', 2), gpu('v100', 2)]],
    ['gres/gpu:v100=2,gres/gpu=4,gres/gpu:a100=1', [gpu('v100', 2), gpu('a100', 1), gpu(null, 1)]],
    ['gres/gpu:a100=2', [gpu('a100', 2)]],
    ['gres/gpu=0,gres/gpu:a100=0', []],
    ['gres/gpu:nvidia_a100_3g.20gb=2,gres/gpu=2', [gpu('nvidia_a100_3g.20gb', 2)]],
    ['gres/gpu=2,gres/shard=16', [gpu(null, 2)]],
    ['gres/gpumem=80G,gres/gpuutil=100', []],
    ['gres/gpu=1K', [gpu(null, 1024)]],
    ['gres/gpu=', []],
    ['gres/gpu=many', []],
  ])('%j', (tres, gpus) => {
    expect(gpusOfTres(tres)).toEqual(gpus);
  });
});

describe('gpusOfNode', () => {
  it.each<[gres: string, tres: string, GpuCount[]]>([
    ['', 'cpu=4', []],
    ['', 'cpu=4,gres/gpu=2', [gpu(null, 2)]],
    ['(null)', 'gres/gpu=2,gres/gpu:a100=2', [gpu('a100', 2)]],
    ['gpu:0', 'gres/gpu=2', []],
    ['tmpdisk:500', 'gres/gpu=2', []],
    ['gpu:rtx8000:2', '', [gpu('rtx8000', 2)]],
    ['gpu:rtx8000:2', 'gres/gpu=4,gres/gpu:v100=4', [gpu('rtx8000', 2)]],
    ['gpu:4', '', [gpu(null, 4)]],
    ['gpu:4', 'gres/gpu=4', [gpu(null, 4)]],
    ['gpu:4(S:0-1)', 'gres/gpu=4,gres/gpu:a100=4', [gpu('a100', 4)]],
    ['gpu:4', 'gres/gpu=4,gres/gpu:a100=2,gres/gpu:v100=2', [gpu('a100', 2), gpu('v100', 2)]],
    ['gpu:4', 'gres/gpu=4,gres/gpu:a100=3', [gpu('a100', 3), gpu(null, 1)]],
    ['gpu:2', 'gres/gpu=4,gres/gpu:a100=4', [gpu('a100', 2)]],
    ['gpu:4', 'gres/gpu=2,gres/gpu:a100=2', [gpu('a100', 2), gpu(null, 2)]],
    ['gpu:a100:1,gpu:3', 'gres/gpu=4,gres/gpu:a100=4', [gpu('a100', 4)]],
    ['gpu:a100:1,gpu:3', 'gres/gpu=4,gres/gpu:a100=1,gres/gpu:v100=3', [gpu('a100', 1), gpu('v100', 3)]],
    ['gpu:a100:2,gpu:1', 'gres/gpu=3,gres/gpu:a100=1', [gpu('a100', 2), gpu(null, 1)]],
  ])('gres %j, cfg_tres %j', (gres, tres, gpus) => {
    expect(gpusOfNode(gres, tres)).toEqual(gpus);
  });

  it('counts as many as gres says, names no type that nobody named, and keeps those that gres names', () => {
    const counts = fc.array(fc.tuple(fc.constantFrom('a100', 'v100', '1g.10gb', null), fc.integer({ min: 0, max: 9 })));
    fc.assert(
      fc.property(counts, counts, (inGres, inTres) => {
        const gres = inGres.map(([type, count]) => `gpu:${type === null ? '' : `${type}:`}${count}`).join(',');
        const tres = inTres.map(([type, count]) => `gres/gpu${type === null ? '' : `:${type}`}=${count}`).join(',');
        const found = gpusOfNode(gres, tres);
        if (gres === '') {
          expect(found).toEqual(gpusOfTres(tres));
          return;
        }
        const sum = (gpus: GpuCount[]) => gpus.reduce((total, { number }) => total + number, 0);
        expect(sum(found)).toBe(inGres.reduce((total, [, count]) => total + count, 0));
        const named = new Set([...inGres, ...inTres].map(([type]) => type));
        for (const { type } of found) expect(named).toContain(type);
        for (const { type, number } of gpusOfGres(gres)) {
          if (type !== null) expect(found.find((gpu) => gpu.type === type)?.number).toBeGreaterThanOrEqual(number);
        }
        expect(new Set(found.map(({ type }) => type)).size).toBe(found.length);
      }),
      { numRuns: 1000 },
    );
  });
});

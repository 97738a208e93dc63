import { GpuNames } from '#libs/gpu';
import { allocatedGpus, downGpus, gpus, idleGpus } from '#libs/metrics';
import type { ClusterNode } from './node.schema.js';
import { NodeTotals } from './node-totals.js';

const NAMES = new GpuNames([]);

async function shown(slurm: object, cw: ClusterNode['cw']): Promise<Record<string, number[]>> {
  const totals = new NodeTotals(NAMES);
  totals.add({ slurm: { cluster_name: 'mila', state: 'MIXED', ...slurm }, cw });
  totals.show();
  const values: Record<string, number[]> = {};
  for (const gauge of [gpus, allocatedGpus, idleGpus, downGpus]) {
    for (const { labels, value } of (await gauge.get()).values) (values[String(labels['gpu'])] ??= []).push(value);
  }
  return values;
}

const ONE = { gpu: { cw_name: 'a', number: 4 } };
const TWO = { gpu: { cw_name: 'a', number: 2 }, gpus: [{ cw_name: 'a', number: 2 }, { cw_name: 'b', number: 2 }] }; // prettier-ignore

describe("a node's GPUs: all, allocated, idle, down", () => {
  it.each([
    ['none in use', { gres_used: 'gpu:0' }, ONE, { a: [4, 0, 4, 0] }],
    ['nothing told', {}, ONE, { a: [4, 0, 4, 0] }],
    ['by gres_used', { gres_used: 'gpu:a:3(IDX:0-2)', alloc_tres: 'gres/gpu=1' }, ONE, { a: [4, 3, 1, 0] }],
    ['by alloc_tres', { gres_used: null, alloc_tres: 'cpu=1,gres/gpu=2' }, ONE, { a: [4, 2, 2, 0] }],
    ['of another name', { gres_used: 'gpu:tesla:2' }, ONE, { a: [4, 2, 2, 0] }],
    ['more than there are', { gres_used: 'gpu:a:9' }, ONE, { a: [4, 4, 0, 0] }],
    ['of two types', { gres_used: 'gpu:b:1(IDX:3)' }, TWO, { a: [2, 0, 2, 0], b: [2, 1, 1, 0] }],
    ['of two types, not told which', { gres_used: 'gpu:3' }, TWO, { a: [2, 2, 0, 0], b: [2, 1, 1, 0] }],
    ['types in alloc_tres alone', { gres_used: 'gpu:1', alloc_tres: 'gres/gpu=1,gres/gpu:b=1' }, TWO, { a: [2, 0, 2, 0], b: [2, 1, 1, 0] }], // prettier-ignore
    ['drained, one still in use', { state: 'MIXED+DRAIN', gres_used: 'gpu:a:1' }, ONE, { a: [4, 1, 0, 3] }],
    ['down', { state: 'DOWN' }, ONE, { a: [4, 0, 0, 4] }],
    ['without a type', { gres_used: 'gpu:1' }, { gpu: { cw_name: null, number: 2 } }, { unknown: [2, 1, 1, 0] }],
  ])('%s', async (_, slurm, cw, expected) => {
    expect(await shown(slurm, cw)).toEqual(expected);
  });

  it('are added up by type and bounded in their number of types', async () => {
    const totals = new NodeTotals(NAMES);
    for (let type = 0; type < 150; type += 1) {
      totals.add({ slurm: { cluster_name: 'mila', state: 'IDLE' }, cw: { gpu: { cw_name: `t${type}`, number: 1 } } });
    }
    totals.show();
    const { values } = await gpus.get();
    expect(values).toHaveLength(101);
    expect(values.find(({ labels }) => labels['gpu'] === '(others)')?.value).toBe(50);
  });
});

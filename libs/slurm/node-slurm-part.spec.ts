import { recordedText } from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import { nodeReader, nodeToSlurmPart } from './index.js';

const MILA = { name: 'mila', accountKind: 'mila', timeZone: 'America/Toronto' } as const;

describe("a node's slurm dict", () => {
  const { records } = readDocument(nodeReader('node-json', MILA), recordedText('slurm-22.05', 'sinfo.json'));
  const parts = new Map(records.map((record) => [record.name, nodeToSlurmPart(record, MILA)]));

  it('has the whole of a node with GPUs', () => {
    expect(parts.get('cn-a001')).toEqual({
      name: 'cn-a001',
      arch: 'x86_64',
      features: 'turing,48gb',
      gres: 'gpu:rtx8000:2',
      addr: '127.0.0.1',
      memory: '1000',
      state: 'MIXED',
      cfg_tres: 'cpu=4,mem=1000M,billing=4,gres/gpu=2',
      alloc_tres: 'cpu=1,gres/gpu=1',
      comment: null,
      cluster_name: 'mila',
      reason: null,
      partitions: ['main'],
      gres_used: 'gpu:rtx8000:1(IDX:1)',
      cpus: 4,
      alloc_cpus: 1,
      alloc_memory: 0,
    });
  });

  it('has null where a node has none', () => {
    expect(parts.get('cn-b001')).toMatchObject({ state: 'ALLOCATED', features: null, gres: null });
  });

  it('has null for memory that is not known', () => {
    const { records: unknown } = readDocument(
      nodeReader('node-json', MILA),
      '{"nodes": [{"name": "a", "state": "unknown"}]}',
    );
    expect(unknown.map((record) => nodeToSlurmPart(record, MILA)['memory'])).toEqual([null]);
  });
});

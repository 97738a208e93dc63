import { recordedText, recordedTruth } from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import { nodeReader } from './readers.js';

const readNodeJson = (text: string) => readDocument(nodeReader('node-json', { timeZone: 'UTC' }), text);

describe.each([
  ['sinfo --json of 22.05', 'slurm-22.05', 'sinfo.json'],
  // The same list of nodes under the same names, states and features as lists.
  ['scontrol show node --json of 24.11', 'slurm-24.11', 'scontrol-show-node.json'],
] as const)('%s', (_, version, file) => {
  const { records, summary } = readNodeJson(recordedText(version, file));

  it('says of every node what the cluster held', () => {
    expect(summary.skipped).toEqual([]);
    expect(records).toHaveLength(recordedTruth(version).nodes.length);
    for (const node of recordedTruth(version).nodes) {
      expect(records.find(({ name }) => name === node.name)).toMatchObject({
        arch: 'x86_64',
        addr: '127.0.0.1',
        state: [node.state, ...node.state_flags].join('+'),
        // scontrol's text drops a quote that ends a reason.
        reason: node.reason === null ? null : (expect.stringContaining(node.reason) as unknown),
        partitions: node.partitions,
        cpus: node.cpus,
        allocCpus: node.cpus_allocated,
        memory: node.memory_mb,
        features: node.features?.join(',') ?? null,
      });
    }
  });
});

describe('sinfo --json of 22.05', () => {
  const { records, summary } = readNodeJson(recordedText('slurm-22.05', 'sinfo.json'));

  it('has the resources of a node with GPUs and of one without', () => {
    expect(summary).toMatchObject({ slurmVersion: '22.05.8', clusterName: null });
    expect(records.find(({ name }) => name === 'cn-a001')).toMatchObject({
      gres: 'gpu:rtx8000:2',
      gresUsed: 'gpu:rtx8000:1(IDX:1)',
      cfgTres: 'cpu=4,mem=1000M,billing=4,gres/gpu=2',
      allocTres: 'cpu=1,gres/gpu=1',
      allocMemory: 0,
      comment: null,
    });
    expect(records.find(({ name }) => name === 'cn-b001')?.gres).toBeNull();
  });

  it('has the flags of the state after it', () => {
    const node = { name: 'a', state: 'idle', state_flags: ['DRAIN', 'NOT_RESPONDING'] };
    expect(readNodeJson(JSON.stringify({ nodes: [node] })).records[0]?.state).toBe('IDLE+DRAIN+NOT_RESPONDING');
  });

  it('tells the cluster where a version does', () => {
    const meta = { slurm: { cluster: 'mila', release: '24.11.5' } };
    const reading = readNodeJson(JSON.stringify({ meta, nodes: [{ name: 'a', state: ['IDLE'] }] }));
    expect(reading.summary).toMatchObject({ clusterName: 'mila', slurmVersion: '24.11.5' });
  });
});

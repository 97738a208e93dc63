import { readJson, type JsonObject } from '#libs/json';
import { nodeSlurmPart } from './node-record.js';

const read = (text: string) => nodeSlurmPart(readJson(text, { maxDepth: 10 }) as JsonObject);

describe('nodeSlurmPart', () => {
  it('takes the slurm part as it is, and leaves cw to be worked out', () => {
    const slurm = new Map([
      ['name', 'cn-a001'],
      ['cluster_name', 'mila'],
      ['gres', 'gpu:2'],
      ['x', 'y'],
    ]);
    expect(read('{"slurm":{"name":"cn-a001","cluster_name":"mila","gres":"gpu:2","x":"y"},"cw":{"gpu":1}}')).toEqual(
      slurm,
    );
  });

  it.each(['', ',"gres":null', ',"gres":""'])('takes a node without GPUs: %j', (gres) => {
    expect(read(`{"slurm":{"name":"a","cluster_name":"b"${gres}}}`)).toBeInstanceOf(Map);
  });

  it.each([
    ['slurm', '{}'],
    ['slurm', '{"slurm":null}'],
    ['slurm', '{"slurm":[]}'],
    ['slurm.cluster_name', '{"slurm":{"name":"a"}}'],
    ['slurm.cluster_name', '{"slurm":{"name":"a","cluster_name":""}}'],
    ['slurm.cluster_name', '{"slurm":{"name":"a","cluster_name":{"$ne":1}}}'],
    ['slurm.cluster_name', '{"slurm":{"name":"a","cluster_name":"a,b"}}'],
    ['slurm.name', '{"slurm":{"cluster_name":"mila"}}'],
    ['slurm.name', '{"slurm":{"cluster_name":"mila","name":null}}'],
    ['slurm.name', '{"slurm":{"cluster_name":"mila","name":5}}'],
    ['slurm.gres', '{"slurm":{"cluster_name":"mila","name":"a","gres":5}}'],
    ['slurm.gres', '{"slurm":{"cluster_name":"mila","name":"a","gres":["gpu:2"]}}'],
  ])('names %s where it is wrong: %s', (field, text) => {
    expect(read(text)).toEqual({ field, message: expect.stringMatching(/^it must be /) as string });
  });
});

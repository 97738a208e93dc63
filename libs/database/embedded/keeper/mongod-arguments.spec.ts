import { dataDirectoryAt } from '../data-directory.js';
import { runtimeDirectoryAt } from '../runtime-directory.js';
import { cacheSizeGb, mongodArguments } from './mongod-arguments.js';

const GIB = 1024 ** 3;

describe('how mongod is started', () => {
  it('takes a modest part of the memory', () => {
    expect([1, 4, 16, 20, 512].map((gib) => cacheSizeGb(gib * GIB))).toEqual([0.25, 0.25, 1, 1.25, 2]);
  });

  it('listens on its socket alone', () => {
    const options = mongodArguments(dataDirectoryAt('/data'), runtimeDirectoryAt('/data/run'));
    expect(options[options.indexOf('--bind_ip') + 1]).toBe('/data/run/mongod.sock');
    expect(options).toContain('--nounixsocket');
  });
});

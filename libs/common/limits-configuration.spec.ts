import { EnvironmentReader } from './environment-reader.js';
import { readLimits } from './limits-configuration.js';

describe('readLimits', () => {
  it('has limits that a lab does not notice', () => {
    expect(readLimits(new EnvironmentReader({}))).toEqual({
      keyRate: 300_000,
      addressRate: 600_000,
      failedKeyRate: 12_000,
      listsPerKey: 100,
      connections: 10_000,
      connectionsPerAddress: 5_000,
      headersMs: 30_000,
      requestMs: 120_000,
      keepAliveMs: 72_000,
      idleMs: 300_000,
    });
  });

  it('takes every variable', () => {
    const reader = new EnvironmentReader({
      CLOCKWORK_KEY_RATE: '1',
      CLOCKWORK_ADDRESS_RATE: '2',
      CLOCKWORK_FAILED_KEY_RATE: '3',
      CLOCKWORK_LISTS_PER_KEY: '4',
      CLOCKWORK_CONNECTIONS: '5',
      CLOCKWORK_CONNECTIONS_PER_ADDRESS: '0',
      CLOCKWORK_HEADERS_TIMEOUT: '1s',
      CLOCKWORK_REQUEST_TIMEOUT: '2s',
      CLOCKWORK_KEEP_ALIVE_TIMEOUT: '3s',
      CLOCKWORK_IDLE_TIMEOUT: '1h',
    });
    expect(readLimits(reader)).toEqual({
      keyRate: 1,
      addressRate: 2,
      failedKeyRate: 3,
      listsPerKey: 4,
      connections: 5,
      connectionsPerAddress: 0,
      headersMs: 1_000,
      requestMs: 2_000,
      keepAliveMs: 3_000,
      idleMs: 3_600_000,
    });
    expect(reader.problems).toEqual([]);
  });

  it.each([
    ['CLOCKWORK_KEY_RATE', '-1'],
    ['CLOCKWORK_ADDRESS_RATE', '5/s'],
    ['CLOCKWORK_FAILED_KEY_RATE', '100000001'],
    ['CLOCKWORK_LISTS_PER_KEY', '1.5'],
    ['CLOCKWORK_CONNECTIONS', 'many'],
    ['CLOCKWORK_CONNECTIONS_PER_ADDRESS', '1000001'],
    ['CLOCKWORK_HEADERS_TIMEOUT', '0s'],
    ['CLOCKWORK_REQUEST_TIMEOUT', '30'],
    ['CLOCKWORK_KEEP_ALIVE_TIMEOUT', '2d'],
    ['CLOCKWORK_IDLE_TIMEOUT', 'never'],
  ])('refuses %s=%s', (name, value) => {
    const reader = new EnvironmentReader({ [name]: value });
    readLimits(reader);
    expect(reader.problems).toEqual([expect.stringContaining(`${name} is ${JSON.stringify(value)}; it takes `)]);
  });
});

import type { EnvironmentReader } from './environment-reader.js';

/** What one caller, one address and one connection may take. 0 stands for no limit, but for the times. */
export interface LimitsConfiguration {
  /** Requests a minute with one key. */
  keyRate: number;
  /** Requests a minute from one address. */
  addressRate: number;
  /** Requests a minute from one address that come without a valid key. */
  failedKeyRate: number;
  /** Long lists that are sent to one key at a time. */
  listsPerKey: number;
  connections: number;
  connectionsPerAddress: number;
  /** From the first byte of a request to the end of its headers. */
  headersMs: number;
  /** From the first byte of a request to the end of its body. */
  requestMs: number;
  /** Between an answer and the next request on its connection. */
  keepAliveMs: number;
  /** Without a byte in either direction, such as where a reader of a list has stopped. */
  idleMs: number;
}

const MOST_A_MINUTE = 100_000_000;
const MOST_AT_ONCE = 1_000_000;
const TIMES = { from: '1s', to: '1d' };

export function readLimits(reader: EnvironmentReader): LimitsConfiguration {
  const rate = (name: string, otherwise: number) =>
    reader.integer(
      name,
      { from: 0, to: MOST_A_MINUTE },
      otherwise,
      `requests a minute up to ${MOST_A_MINUTE}; 0 is no limit`,
    );
  const count = (name: string, otherwise: number) =>
    reader.integer(
      name,
      { from: 0, to: MOST_AT_ONCE },
      otherwise,
      `a whole number up to ${MOST_AT_ONCE}; 0 is no limit`,
    );
  return {
    keyRate: rate('CLOCKWORK_KEY_RATE', 300_000),
    addressRate: rate('CLOCKWORK_ADDRESS_RATE', 600_000),
    failedKeyRate: rate('CLOCKWORK_FAILED_KEY_RATE', 12_000),
    listsPerKey: count('CLOCKWORK_LISTS_PER_KEY', 100),
    connections: count('CLOCKWORK_CONNECTIONS', 10_000),
    connectionsPerAddress: count('CLOCKWORK_CONNECTIONS_PER_ADDRESS', 5_000),
    headersMs: reader.duration('CLOCKWORK_HEADERS_TIMEOUT', TIMES, '30s'),
    requestMs: reader.duration('CLOCKWORK_REQUEST_TIMEOUT', TIMES, '2m'),
    keepAliveMs: reader.duration('CLOCKWORK_KEEP_ALIVE_TIMEOUT', TIMES, '72s'),
    idleMs: reader.duration('CLOCKWORK_IDLE_TIMEOUT', TIMES, '5m'),
  };
}

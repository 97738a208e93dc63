import { type Caller, visibleClusters } from './caller.js';
import { NO_NAMES } from './user-names.js';

const callerOf = (clusters: string[] | null, admin = false): Caller => ({
  ...NO_NAMES,
  mila_email_username: 'ada@example.org',
  admin,
  keyId: '0123456789abcdef',
  scope: 'all',
  clusters,
});

describe('visibleClusters', () => {
  it.each<[string[] | null, string[] | undefined, string[] | null]>([
    [null, undefined, null],
    [null, ['mila'], ['mila']],
    [['mila'], undefined, ['mila']],
    [['mila', 'beluga'], ['mila', 'cedar'], ['mila']],
    [['mila'], ['beluga'], []],
    [[], undefined, []],
    [[], ['mila'], []],
  ])('of %j, asked for %j: %j', (clusters, asked, visible) => {
    expect(visibleClusters(callerOf(clusters), asked)).toEqual(visible);
    expect(visibleClusters(callerOf(clusters, true), asked)).toEqual(visible);
  });
});

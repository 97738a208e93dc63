import { readJson, type JsonObject } from '#libs/json';
import { userRecord } from './user-record.js';

const read = (value: object) => userRecord(readJson(JSON.stringify(value), { maxDepth: 10 }) as JsonObject);
const EMAIL = 'ada@example.org';

describe('userRecord', () => {
  it('takes what is there and nothing else', () => {
    expect(read({ mila_email_username: EMAIL, note: 1 })).toEqual({ email: EMAIL, changes: {} });
    const changes = {
      mila_cluster_username: 'ada',
      cc_account_username: null,
      status: 'disabled',
      admin: true,
      clusters: ['mila', 'beluga'],
    };
    expect(read({ mila_email_username: EMAIL, ...changes })).toEqual({ email: EMAIL, changes });
  });

  it('tells null, which takes back, from what is left out', () => {
    expect(read({ mila_email_username: EMAIL, mila_cluster_username: null, clusters: null })).toEqual({
      email: EMAIL,
      changes: { mila_cluster_username: null, clusters: null },
    });
    expect(read({ mila_email_username: EMAIL, status: null, admin: null })).toEqual({ email: EMAIL, changes: {} });
  });

  it('takes an empty list of clusters as none', () => {
    expect(read({ mila_email_username: EMAIL, clusters: [] })).toEqual({ email: EMAIL, changes: { clusters: [] } });
  });

  it.each<[string, object]>([
    ['mila_email_username', {}],
    ['mila_email_username', { mila_email_username: null }],
    ['mila_email_username', { mila_email_username: 5 }],
    ['mila_cluster_username', { mila_email_username: EMAIL, mila_cluster_username: 5 }],
    ['cc_account_username', { mila_email_username: EMAIL, cc_account_username: ['a'] }],
    ['status', { mila_email_username: EMAIL, status: 'Enabled' }],
    ['status', { mila_email_username: EMAIL, status: true }],
    ['admin', { mila_email_username: EMAIL, admin: 'yes' }],
    ['admin', { mila_email_username: EMAIL, admin: 1 }],
    ['clusters', { mila_email_username: EMAIL, clusters: 'mila' }],
    ['clusters', { mila_email_username: EMAIL, clusters: ['mila', 5] }],
    ['clusters', { mila_email_username: EMAIL, clusters: {} }],
  ])('names the field that is wrong: %s of %j', (field, record) => {
    expect(read(record)).toEqual({ field, message: expect.stringMatching(/^it must be /) as string });
  });
});

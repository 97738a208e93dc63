import { MongoClient } from 'mongodb';
import { exchangeBytes } from '../support/byte-exchange.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { jobRecord } from '../support/job-records.js';
import { TaggedList, TaggedListClients } from '../support/tagged-list.js';

let service: ClockworkService;
let other: ApiProcess;
let key: string;

beforeAll(async () => {
  service = await startService();
  other = await startApi(service.environment);
  key = await service.keyOf('reader@example.org');
  await service.load({
    nodes: ['mila', 'narval'].map((cluster_name) => ({ slurm: { cluster_name, name: 'cn-1' } })),
    jobs: [
      jobRecord({ slurm: { job_id: '1', cluster_name: 'narval' } }),
      jobRecord({ slurm: { job_id: '10' }, cw: { cc_account_username: 'later01' } }),
      jobRecord({ slurm: { job_id: '11' }, cw: { cc_account_username: 'undone01' } }),
    ],
  });
});

afterAll(async () => {
  await other.stop();
  await service.stop();
});

const clientsOf = (path: string) => new TaggedListClients(path, key, [service.url, other.url]);

function expectShown(path: string, write: () => Promise<void>, shown: RegExp): Promise<void> {
  return clientsOf(path).expectShown(write, shown);
}

async function cli(...args: string[]): Promise<void> {
  const { code, stderr } = await service.cli(args);
  if (code !== 0) throw new Error(stderr);
}

describe('a user', () => {
  it('who is added is shown in the jobs that are theirs', async () => {
    const args = ['users', 'add', 'later@example.org', '--cc-username', 'later01', '--cluster-username', 'later'];
    await expectShown('/jobs/list', () => cli(...args), /"mila_email_username":"later@example\.org"/);
    await expectShown(
      '/jobs/list?user=later2',
      () => cli('users', 'set', 'later@example.org', '--cluster-username', 'later2'),
      /"mila_cluster_username":"later2"/,
    );
    const clients = clientsOf('/jobs/list?user=later2');
    await clients.settle();
    await cli('users', 'set', 'later@example.org', '--cluster-username', '');
    expect(await clients.settle()).toEqual(['[]', '']);
  });

  it('whose jobs were left half filled in is shown in all of them when the rest is done', async () => {
    await cli('users', 'add', 'undone@example.org', '--cluster-username', 'undone');
    const clients = clientsOf('/jobs/list');
    await clients.settle();
    // As the command leaves it that ends between the change of the user and that of their jobs.
    const database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
    try {
      await database
        .db()
        .collection<{ refill: object[] }>('users')
        .updateOne(
          { mila_email_username: 'undone@example.org' },
          {
            $set: { cc_account_username: 'undone01' },
            $push: { refill: { kind: 'cc_account_username', name: 'undone01' } },
          },
        );
    } finally {
      await database.close();
    }
    await eventually(async () => {
      for (const text of await clients.settle()) expect(text).toContain('undone@example.org');
    }, 20_000);
  });

  it('who may see other clusters from now on gets the list of these, and the old one when it is as before', async () => {
    const theirs = await service.keyOf('moved@example.org', ['--clusters', 'mila']);
    for (const path of ['/jobs/list', '/nodes/list']) {
      await cli('users', 'set', 'moved@example.org', '--clusters', 'mila');
      const list = new TaggedList(path, theirs);
      const ofMila = await list.settle(service.url);
      for (const [clusters, expected] of [
        ['narval', /^\[\{(?!.*"cluster_name":"mila").*"cluster_name":"narval"/s],
        ['', /^\[\]$/],
        ['*', /"cluster_name":"mila".*"cluster_name":"narval"|"cluster_name":"narval".*"cluster_name":"mila"/s],
      ] as const) {
        await cli('users', 'set', 'moved@example.org', '--clusters', clusters);
        expect(await list.settle(service.url)).toMatch(expected);
      }
      await cli('users', 'set', 'moved@example.org', '--clusters', 'mila');
      expect(await list.settle(service.url)).toBe(ofMila);
    }
  });

  it('who is disabled is not told whether anything has changed', async () => {
    const theirs = await service.keyOf('gone@example.org');
    await new TaggedList('/jobs/list', theirs).settle(service.url);
    await cli('users', 'disable', 'gone@example.org');
    const headers = { 'If-None-Match': '*' };
    expect((await exchangeBytes(service.url, '/jobs/list', { key: theirs, headers })).status).toBe(401);
  });
});

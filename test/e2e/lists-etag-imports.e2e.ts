import { type Db, MongoClient } from 'mongodb';
import { exchange } from '../support/api-client.js';
import { exchangeBytes } from '../support/byte-exchange.js';
import {
  type ApiProcess,
  type ClockworkService,
  newDatabase,
  startApi,
  startService,
} from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { jobRecord } from '../support/job-records.js';
import { TaggedListClients } from '../support/tagged-list.js';

const DAY_1 = '2024-05-01T10:00:00-04:00';
const DAY_2 = '2024-05-02T10:00:00-04:00';

let service: ClockworkService;
let other: ApiProcess;
let key: string;

beforeAll(async () => {
  service = await startService();
  other = await startApi(service.environment);
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({
    gpu: [{ cw_name: 'a100', name: 'tesla_a100' }],
    nodes: [{ slurm: { cluster_name: 'mila', name: 'cn-1', gres: 'gpu:nvidia_h100:8' } }],
    jobs: [
      adasJob('1'),
      adasJob('20'),
      adasJob('30', { restart_count: 0, nodes: 'cn-1' }),
      adasJob('31'),
      jobRecord({ slurm: { job_id: '40' }, cw: { cc_account_username: 'import01' } }),
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

function expectUnchanged(path: string, write: () => Promise<void>): Promise<void> {
  return clientsOf(path).expectUnchanged(write);
}

function adasJob(job_id: string, slurm: Record<string, unknown> = {}, user: Record<string, unknown> = {}) {
  return jobRecord({
    slurm: { job_id, uid: '10001', submit_time: DAY_1, ...slurm },
    cw: { mila_cluster_username: 'ada' },
    user,
  });
}

async function updated(url: string, job_id: string, update_pairs: object): Promise<void> {
  const json = { job_id, update_pairs };
  expect((await exchange(url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json })).status).toBe(200);
}

describe('an import', () => {
  it('of a new job is shown', async () => {
    await expectShown('/jobs/list', () => service.load({ jobs: [adasJob('22')] }), /"job_id":"22"/);
    await expectShown(
      '/jobs/list?cluster_name=new',
      () => service.load({ jobs: [adasJob('21', { cluster_name: 'new' })] }),
      /"job_id":"21"/,
    );
  });

  it('of a job that Slurm tells something new about is shown', async () => {
    await expectShown(
      '/jobs/list',
      () => service.load({ jobs: [adasJob('20', { job_state: 'FAILED', comment: 'changed' })] }),
      /"comment":"changed"/,
    );
    await expectShown(
      '/jobs/list?job_state=out_of_memory',
      () => service.load({ jobs: [adasJob('1', { job_state: 'OUT_OF_MEMORY' })] }),
      /"job_id":"1"/,
    );
  });

  it('that replaces dicts is shown', async () => {
    const records = JSON.stringify({ jobs: [adasJob('20', {}, { replaced: true })] });
    const replace = async () => {
      const { code, stderr } = await service.cli(['import', '--replace-user-dicts', '-'], records);
      if (code !== 0) throw new Error(stderr);
    };
    await expectShown('/jobs/list', replace, /"user":\{"replaced":true\}/);
    await expectUnchanged('/jobs/list', replace);
  });

  it('of a requeue is shown', async () => {
    await expectShown(
      '/jobs/list',
      () => service.load({ jobs: [adasJob('30', { restart_count: 1, submit_time: DAY_2, nodes: 'cn-2' })] }),
      /"nodes":"cn-2".*"attempts":\[\{.*"nodes":"cn-1"/,
    );
  });

  it('of a new job by the id of an old one is shown, and the old one is not any more', async () => {
    await updated(service.url, '31', { of: 'the old job' });
    const clients = clientsOf('/jobs/list');
    for (const text of await clients.settle()) expect(text).toContain('the old job');
    await service.load({ jobs: [adasJob('31', { submit_time: DAY_2, comment: 'the new job' })] });
    for (const text of await clients.settle()) {
      expect(text).toContain('the new job');
      expect(text).not.toContain('the old job');
    }
  });

  it('of nodes and of their changes is shown', async () => {
    const slurm = { cluster_name: 'mila', name: 'cn-9', state: 'IDLE' };
    await expectShown('/nodes/list', () => service.load({ nodes: [{ slurm }] }), /"name":"cn-9"/);
    const changed = { ...slurm, state: 'DRAINED' };
    await expectShown('/nodes/list', () => service.load({ nodes: [{ slurm: changed }] }), /"state":"DRAINED"/);
    await expectUnchanged('/nodes/list', () => service.load({ nodes: [{ slurm: changed }] }));
  });

  it("of the catalogue is shown, in the nodes' GPUs too", async () => {
    await expectShown('/gpu/list', () => service.load({ gpu: [{ cw_name: 'a100', ram: 81 }] }), /"ram":81/);
    const h100 = [{ cw_name: 'h100', name: 'nvidia_h100' }];
    await expectShown('/nodes/list', () => service.load({ gpu: h100 }), /"cw_name":"h100","number":8/);
  });

  it('of users is shown in the jobs whose names they fill in', async () => {
    const users = [{ mila_email_username: 'imported@example.org', cc_account_username: 'import01' }];
    await expectShown('/jobs/list', () => service.load({ users }), /imported@example\.org/);
  });

  it('of the same file again leaves each list as it is', async () => {
    const parts = { jobs: [adasJob('20', { job_state: 'FAILED', comment: 'changed' })], gpu: [{ cw_name: 'l40s' }] };
    await service.load(parts);
    for (const path of ['/jobs/list', '/nodes/list', '/gpu/list'])
      await expectUnchanged(path, () => service.load(parts));
  });

  it('that refuses a record keeps the others, and they are shown', async () => {
    const jobs = [adasJob('50'), { slurm: { job_id: '51' } }, adasJob('52')];
    await expectShown(
      '/jobs/list',
      async () => {
        expect((await service.cli(['import', '-'], JSON.stringify({ jobs }))).code).toBe(1);
      },
      /"job_id":"50".*"job_id":"52"/s,
    );
  });
});

it.each([
  ['is begun anew', false],
  ['has only what an older version of Clockwork wrote', true],
])('a database that %s gives none of the tags of the one before for other lists', async (_what, isOld) => {
  const environment = { ...service.environment, MONGODB_URI: newDatabase() };
  const tags = new Map<string, string>();
  for (const life of ['first', 'second']) {
    const begun = await startService(environment);
    try {
      const theirs = await begun.keyOf('ada@example.org', ['--cluster-username', 'ada']);
      await begun.load({
        gpu: [{ cw_name: life }],
        nodes: [{ slurm: { cluster_name: 'mila', name: life } }],
        jobs: [adasJob('1', { comment: life })],
      });
      // Versions of what is stored were kept later.
      if (isOld) await inDatabase(environment.MONGODB_URI, (database) => database.dropCollection('versions'));
      for (const path of ['/jobs/list', '/nodes/list', '/gpu/list']) {
        const condition = tags.get(path);
        const headers: Record<string, string> = condition === undefined ? {} : { 'If-None-Match': condition };
        const answer = await exchangeBytes(begun.url, path, { key: theirs, headers });
        expect([path, answer.status]).toEqual([path, 200]);
        expect(answer.text).toContain(life);
        tags.set(path, answer.headers.etag ?? '');
      }
    } finally {
      await begun.stop();
    }
    await inDatabase(environment.MONGODB_URI, (database) => database.dropDatabase());
  }
  expect([...tags.values()]).not.toContain('');
});

async function inDatabase(uri: string, work: (database: Db) => Promise<unknown>): Promise<void> {
  const client = await MongoClient.connect(uri);
  await work(client.db());
  await client.close();
}

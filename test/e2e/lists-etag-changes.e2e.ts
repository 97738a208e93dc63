import { MongoClient } from 'mongodb';
import { connect } from 'node:net';
import { exchange } from '../support/api-client.js';
import { exchangeBytes } from '../support/byte-exchange.js';
import { type ClockworkService, newDatabase, startApi, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { BASE } from '../support/http-exchange.js';
import { jobRecord } from '../support/job-records.js';
import { NDJSON } from '../support/list-representations.js';
import type { WatchedProcess } from '../support/process-output.js';
import { TaggedList } from '../support/tagged-list.js';

const DAY_1 = '2024-05-01T10:00:00-04:00';
const DAY_2 = '2024-05-02T10:00:00-04:00';

let service: ClockworkService;
let other: { url: string; process: WatchedProcess };
let key: string;

beforeAll(async () => {
  service = await startService();
  other = await startApi(service.environment);
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({
    gpu: [{ cw_name: 'a100', name: 'tesla_a100' }],
    nodes: [
      { slurm: { cluster_name: 'mila', name: 'cn-1', gres: 'gpu:nvidia_h100:8' } },
      { slurm: { cluster_name: 'narval', name: 'cn-2', state: 'IDLE' } },
    ],
    jobs: [
      adasJob('1'),
      adasJob('2'),
      adasJob('3'),
      adasJob('4'),
      adasJob('5', { cluster_name: 'narval' }),
      jobRecord({ slurm: { job_id: '10' }, cw: { cc_account_username: 'later01' } }),
      jobRecord({ slurm: { job_id: '11' }, cw: { cc_account_username: 'undone01' } }),
    ],
  });
});

afterAll(async () => {
  other.process.child.kill('SIGTERM');
  await other.process.ended;
  await service.stop();
});

function adasJob(job_id: string, slurm: Record<string, unknown> = {}, user: Record<string, unknown> = {}) {
  return jobRecord({
    slurm: { job_id, uid: '10001', submit_time: DAY_1, ...slurm },
    cw: { mila_cluster_username: 'ada' },
    user,
  });
}

async function update(url: string, json: object): Promise<number> {
  return (await exchange(url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json })).status;
}

async function updated(url: string, job_id: string, update_pairs: object): Promise<void> {
  expect(await update(url, { job_id, update_pairs })).toBe(200);
}

async function cli(...args: string[]): Promise<void> {
  const { code, stderr } = await service.cli(args);
  if (code !== 0) throw new Error(stderr);
}

/** Clients of a list on both processes, in two of its forms. */
function clientsOf(path: string): { url: string; list: TaggedList }[] {
  const forms = path.startsWith('/gpu/') ? [{}, { 'Accept-Encoding': 'gzip' }] : [{}, { Accept: NDJSON }];
  return [service.url, other.url].flatMap((url) =>
    forms.map((headers) => ({ url, list: new TaggedList(path, key, headers) })),
  );
}

/** Does something that a list shows; whoever asks with the tag from before, once it is done, must be shown it. */
async function expectShown(path: string, write: () => Promise<void>, shown: RegExp): Promise<void> {
  const clients = clientsOf(path);
  for (const { url, list } of clients) expect(await list.settle(url)).not.toMatch(shown);
  await write();
  for (const { url, list } of clients) expect(await list.settle(url)).toMatch(shown);
}

/** Does something that leaves a list as it is: the old tag may be good still or not, what is shown must be the same. */
async function expectUnchanged(path: string, write: () => Promise<void>): Promise<void> {
  const clients = clientsOf(path);
  const before = await Promise.all(clients.map(({ url, list }) => list.settle(url)));
  await write();
  for (const [at, { url, list }] of clients.entries()) expect(await list.settle(url)).toBe(before[at]);
}

describe('an update of a dict', () => {
  it('is shown by both processes, whichever took it', async () => {
    await expectShown('/jobs/list', () => updated(service.url, '1', { first: 'one' }), /"first":"one"/);
    await expectShown('/jobs/list', () => updated(other.url, '1', { second: 'two' }), /"second":"two"/);
    await expectShown('/jobs/list?user=ada', () => updated(other.url, '1', { third: 3 }), /"third":3/);
    await expectShown(
      '/jobs/list?cluster_name=mila&limit=3',
      () => updated(service.url, '2', { fourth: 4 }),
      /"fourth":4/,
    );
    await expectShown('/jobs/list?fields=user.fifth', () => updated(service.url, '2', { fifth: 5 }), /"fifth":5/);
  });

  it('is shown where it changes nothing but how a number is written', async () => {
    await updated(service.url, '2', { number: 1 });
    await expectShown('/jobs/list', () => updated(service.url, '2', { number: 1.5 }), /"number":1\.5/);
    const headers = { 'Content-Type': 'application/json' };
    const body = '{"job_id":"2","update_pairs":{"number":1.0}}';
    await expectShown(
      '/jobs/list',
      async () => {
        const request = { method: 'PUT', key, headers, body };
        expect((await exchange(service.url, `${BASE}/jobs/user_dict_update`, request)).status).toBe(200);
      },
      /"number":1\.0/,
    );
  });

  it('is shown each time, however often one follows the other', async () => {
    const list = new TaggedList('/jobs/list', key);
    for (let round = 0; round < 50; round += 1) {
      const url = round % 3 === 0 ? other.url : service.url;
      await updated(url, '3', { round });
      const { text, answer } = await list.read(round % 2 === 0 ? service.url : other.url);
      expect(answer.status).toBe(200);
      expect(text).toContain(`"round":${round}}`);
    }
  });

  it('that gives what is there already leaves the list as it is', async () => {
    await updated(service.url, '2', { same: true });
    await expectUnchanged('/jobs/list', () => updated(service.url, '2', { same: true }));
  });

  it('of a job that a filter leaves out leaves that list as it is', async () => {
    await expectUnchanged('/jobs/list?cluster_name=narval', () => updated(service.url, '1', { outside: true }));
    await expectUnchanged('/nodes/list', () => updated(service.url, '1', { outside: 2 }));
    await expectUnchanged('/gpu/list', () => updated(service.url, '1', { outside: 3 }));
  });

  it('that is refused leaves each list as it is, and its tag good', async () => {
    const lists = clientsOf('/jobs/list');
    for (const { url, list } of lists) await list.settle(url);
    const large = 'x'.repeat(2 * 1024 ** 2);
    const refused: [object, number][] = [
      [{ job_id: '10', update_pairs: { a: 1 } }, 403],
      [{ job_id: '99', update_pairs: { a: 1 } }, 404],
      [{ job_id: '1', update_pairs: { large } }, 413],
      [{ job_id: '1', update_pairs: 'none' }, 400],
      [{ job_id: '1' }, 400],
    ];
    for (const [json, status] of refused) {
      expect(await update(service.url, json)).toBe(status);
      for (const { url, list } of lists) expect((await list.read(url)).text).not.toContain(large);
    }
    for (const { url, list } of lists) await list.settle(url);
  });

  it('whose sender has left leaves no list without a tag', async () => {
    const { hostname, port } = new URL(service.url);
    const body = JSON.stringify({ job_id: '4', update_pairs: { left: true } });
    for (const sent of [body, body.slice(0, -5)]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(
            `PUT ${BASE}/jobs/user_dict_update HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
              `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${sent}`,
            () => socket.destroy(),
          );
        });
        socket.on('close', () => {
          resolve();
        });
      });
    }
    // Nobody was told that it is done: it may be under way yet.
    const list = new TaggedList('/jobs/list', key);
    await eventually(async () => {
      await list.settle(service.url);
    });
  });
});

describe('an import', () => {
  it('of a new job is shown', async () => {
    await expectShown('/jobs/list', () => service.load({ jobs: [adasJob('20')] }), /"job_id":"20"/);
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
      '/jobs/list?job_state=failed',
      () => service.load({ jobs: [adasJob('4', { job_state: 'FAILED' })] }),
      /"job_id":"4"/,
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
    await service.load({ jobs: [adasJob('30', { restart_count: 0, nodes: 'cn-1' })] });
    await expectShown(
      '/jobs/list',
      () => service.load({ jobs: [adasJob('30', { restart_count: 1, submit_time: DAY_2, nodes: 'cn-2' })] }),
      /"nodes":"cn-2".*"attempts":\[\{.*"nodes":"cn-1"/,
    );
  });

  it('of a new job by the id of an old one is shown, and the old one is not any more', async () => {
    await service.load({ jobs: [adasJob('31')] });
    await updated(service.url, '31', { of: 'the old job' });
    const clients = clientsOf('/jobs/list');
    for (const { url, list } of clients) expect(await list.settle(url)).toContain('the old job');
    await service.load({ jobs: [adasJob('31', { submit_time: DAY_2, comment: 'the new job' })] });
    for (const { url, list } of clients) {
      const text = await list.settle(url);
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
    await expectShown('/gpu/list', () => service.load({ gpu: [{ cw_name: 'a100', ram: 80 }] }), /"ram":80/);
    const h100 = [{ cw_name: 'h100', name: 'nvidia_h100' }];
    await expectShown('/nodes/list', () => service.load({ gpu: h100 }), /"cw_name":"h100","number":8/);
  });

  it('of users is shown in the jobs whose names they fill in', async () => {
    const users = [{ mila_email_username: 'imported@example.org', cc_account_username: 'import01' }];
    await service.load({ jobs: [jobRecord({ slurm: { job_id: '40' }, cw: { cc_account_username: 'import01' } })] });
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
    for (const { url, list } of clients) await list.settle(url);
    await cli('users', 'set', 'later@example.org', '--cluster-username', '');
    for (const { url, list } of clients) expect(await list.settle(url)).toMatch(/^(\[\])?$/);
  });

  it('whose jobs were left half filled in is shown in all of them when the rest is done', async () => {
    await cli('users', 'add', 'undone@example.org', '--cluster-username', 'undone');
    const clients = clientsOf('/jobs/list');
    for (const { url, list } of clients) await list.settle(url);
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
    for (const { url, list } of clients) {
      await eventually(async () => {
        expect((await list.read(url)).text).toContain('undone@example.org');
      }, 20_000);
      await eventually(async () => {
        await list.settle(url);
      });
    }
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

it('a database that is begun anew gives none of the tags of the old one for other lists', async () => {
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
    await dropDatabase(environment.MONGODB_URI);
  }
  expect([...tags.values()]).not.toContain('');
});

async function dropDatabase(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  await client.db().dropDatabase();
  await client.close();
}

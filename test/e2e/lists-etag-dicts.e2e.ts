import { connect } from 'node:net';
import { exchange } from '../support/api-client.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { eventually } from '../support/eventually.js';
import { BASE } from '../support/http-exchange.js';
import { jobRecord } from '../support/job-records.js';
import { TaggedList, TaggedListClients } from '../support/tagged-list.js';

let service: ClockworkService;
let other: ApiProcess;
let key: string;

beforeAll(async () => {
  service = await startService();
  other = await startApi(service.environment);
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({
    gpu: [{ cw_name: 'a100' }],
    nodes: [{ slurm: { cluster_name: 'mila', name: 'cn-1' } }],
    jobs: [
      ...['1', '2', '3', '4'].map((job_id) => adasJob({ job_id })),
      adasJob({ job_id: '5', cluster_name: 'narval' }),
      jobRecord({ slurm: { job_id: '10' }, cw: { mila_cluster_username: 'grace' } }),
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

function adasJob(slurm: Record<string, unknown>) {
  return jobRecord({ slurm, cw: { mila_cluster_username: 'ada' } });
}

async function update(url: string, json: object): Promise<number> {
  return (await exchange(url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json })).status;
}

async function updated(url: string, job_id: string, update_pairs: object): Promise<void> {
  expect(await update(url, { job_id, update_pairs })).toBe(200);
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
    const clients = clientsOf('/jobs/list');
    const before = await clients.settle();
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
      expect(await clients.settle()).toEqual(before);
    }
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

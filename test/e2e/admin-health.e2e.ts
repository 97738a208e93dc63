import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { clusterNamed, readingAt } from '../support/cluster-configurations.js';
import { type ClusterServices, openClusterServices } from '../support/cluster-services.js';
import { mongodOn, nothingRunsOn } from '../support/embedded-processes.js';
import { eventually } from '../support/eventually.js';
import { leewayOf } from '../support/leeway.js';
import { expectProblem } from '../support/problem-details.js';

const HEALTH = '/api/v1/admin/health';
/** What it promises; the machine may be busy. */
const WITHIN_MS = 3_000;

interface Part {
  part: string;
  about: string | null;
  status: string;
  since: string;
  message: string;
  advice: string | null;
  measured: Record<string, { value: unknown; unit: string | null }>;
}

interface Report {
  status: string;
  checked_at: string;
  parts: Part[];
}

async function healthOf(service: ClockworkService, key: string): Promise<Report> {
  const { status, headers, body } = await service.request(HEALTH, { key });
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('no-store');
  return body as Report;
}

function partOf({ parts }: Report, name: string, about?: string): Part {
  const found = parts.find((each) => each.part === name && (about === undefined || each.about === about));
  if (found === undefined) throw new Error(`there is no part ${name} ${about ?? ''}: ${JSON.stringify(parts)}`);
  return found;
}

describe('GET /api/v1/admin/health', () => {
  let service: ClockworkService;
  let collector: ClusterServices;
  let key: string;

  beforeAll(async () => {
    service = await startService();
    collector = await openClusterServices(service.environment);
    key = await service.keyOf('root@example.org', ['--admin']);
  }, 90_000);

  afterAll(async () => {
    await collector.close();
    await service.stop();
  });

  it('is for administrators', async () => {
    const other = await service.keyOf('ada@example.org');
    expectProblem(await service.request(HEALTH, { key: other }), 403, /administrator's key/);
    expectProblem(await service.request(HEALTH), 401, /API key/);
  });

  it('is ok where all is well, with what was measured', async () => {
    const report = await eventually(async () => {
      const well = await healthOf(service, key);
      expect(well.status).toBe('ok');
      return well;
    }, 20_000);
    for (const { advice } of report.parts) expect(advice).toBeNull();
    const database = partOf(report, 'database');
    expect(database.measured).toMatchObject({
      reachable: { value: true, unit: null },
      kind: { value: 'external', unit: null },
      round_trip: { value: expect.any(Number) as number, unit: 'ms' },
      version: { value: expect.stringMatching(/^\d+\.\d+/) as string, unit: null },
      indexes_missing: { value: 0, unit: 'count' },
    });
    const about = partOf(report, 'process').about ?? '';
    expect(about).toMatch(new RegExp(` ${service.process.child.pid ?? 0}$`));
    expect(partOf(report, 'event_loop', about).measured['p99']).toMatchObject({ unit: 'ms' });
    expect(Object.keys(partOf(report, 'queues', about).measured).toSorted()).toEqual([
      'database_calls',
      'merges_waiting',
      'open_lists',
      'pool_checkouts',
      'write_windows',
    ]);
    // An embedded database alone has a disk of ours.
    expect(report.parts.map(({ part }) => part)).not.toContain('disk');
  }, 30_000);

  it('keeps since when it has been so', async () => {
    const first = partOf(await healthOf(service, key), 'database').since;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(partOf(await healthOf(service, key), 'database').since).toBe(first);
  });

  it('tells of clusters and of who reads them', async () => {
    const { states, leases } = collector;
    await states.configured(clusterNamed('mila'), 'squeue here');
    const unread = await healthOf(service, key);
    expect(unread.status).not.toBe('ok');
    expect(partOf(unread, 'cluster', 'mila')).toMatchObject({
      status: 'degraded',
      message: /never been read/ as never,
    });
    expect(partOf(unread, 'lease', 'mila')).toMatchObject({
      status: 'degraded',
      message: 'Nobody reads this cluster.',
    });

    await states.readWhole('mila', 'jobs', readingAt(new Date()));
    await states.readWhole('mila', 'nodes', readingAt(new Date()));
    await leases.take('mila', 'host 7 abc', 60_000);
    const read = await healthOf(service, key);
    expect(partOf(read, 'cluster', 'mila')).toMatchObject({ status: 'ok', advice: null });
    expect(partOf(read, 'lease', 'mila')).toMatchObject({ status: 'ok', message: 'Read by host 7 abc.' });

    await states.failed('mila', 'jobs', { kind: 'timeout', message: 'squeue did not end' });
    await states.failed('mila', 'jobs', { kind: 'timeout', message: 'squeue did not end' });
    expect(partOf(await healthOf(service, key), 'cluster', 'mila')).toMatchObject({
      status: 'degraded',
      message: 'jobs failed 2 times in a row (timeout): squeue did not end',
      measured: { failures_in_a_row: { value: 2, unit: 'count' } },
    });
    await states.removedExcept([]);
  });

  it('names an index that is missing, and says what to do', async () => {
    const client = await MongoClient.connect(String(service.environment['MONGODB_URI']));
    try {
      await client.db().collection('nodes').dropIndexes();
      const report = await healthOf(service, key);
      expect(report.status).toBe('failing');
      const { status, message, advice } = partOf(report, 'database');
      expect([status, message]).toEqual(['failing', expect.stringMatching(/^Indexes are missing: nodes\./) as string]);
      expect(advice).toMatch(/Start an API process anew/);
    } finally {
      await client.close();
    }
    await (await startApi(service.environment)).stop();
    expect(partOf(await healthOf(service, key), 'database').status).toBe('ok');
  }, 30_000);

  it('tells of the other processes, and of one that was killed until it is forgotten', async () => {
    const other = await startApi(service.environment);
    const pid = String(other.process.child.pid);
    const seen = () =>
      eventually(async () => {
        const report = await healthOf(service, key);
        const about = report.parts.find((each) => each.about?.endsWith(` ${pid}`))?.about ?? '';
        expect(partOf(report, 'process', about).message).toContain(other.url);
        return [partOf(report, 'process', about), partOf(report, 'queues', about)];
      }, 10_000);
    for (const { status } of await seen()) expect(status).toBe('ok');
    await other.stop();
    const { parts } = await healthOf(service, key);
    expect(parts.filter((each) => each.about?.endsWith(` ${pid}`))).toEqual([]);

    const killed = await startApi(service.environment);
    const client = await MongoClient.connect(String(service.environment['MONGODB_URI']));
    try {
      const record = { url: killed.url };
      await eventually(async () => {
        expect(await client.db().collection('processes').countDocuments(record)).toBe(1);
      }, 10_000);
      killed.process.child.kill('SIGKILL');
      await killed.process.ended;
      // As if it were half a minute later; the server takes it away at `expires_at`.
      const { seen_at } = (await client.db().collection('processes').findOne(record)) as unknown as { seen_at: Date };
      const past = { $set: { seen_at: new Date(seen_at.getTime() - 31_000) } };
      await client.db().collection('processes').updateOne(record, past);
      const report = await healthOf(service, key);
      expect(report.parts.filter(({ message }) => message.includes(killed.url))).toEqual([
        expect.objectContaining({
          part: 'process',
          status: 'degraded',
          advice: expect.stringMatching(/log/) as string,
        }),
      ]);
      const [expiry] = (await client.db().collection('processes').indexes()).filter(
        ({ name }) => name === 'expires_at',
      );
      expect(expiry).toMatchObject({ expireAfterSeconds: 0, key: { expires_at: 1 } });
      await client.db().collection('processes').deleteOne(record);
    } finally {
      await client.close();
    }
  }, 120_000);
});

describe('with an embedded database', () => {
  let scratch: string;
  let dataDir: string;
  let service: ClockworkService;
  let key: string;

  let leeway: number;

  beforeAll(async () => {
    const startedAt = performance.now();
    scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-health-')));
    dataDir = join(scratch, 'data');
    service = await startService({ MONGODB_URI: '', CLOCKWORK_DATA_DIR: dataDir });
    leeway = leewayOf(performance.now() - startedAt);
    key = await service.keyOf('root@example.org', ['--admin']);
  }, 90_000);

  afterAll(async () => {
    await service.stop();
    await nothingRunsOn(dataDir, 30_000);
    await rm(scratch, { recursive: true, force: true });
  });

  const timedHealth = async (): Promise<[Report, number]> => {
    const begun = performance.now();
    return [await healthOf(service, key), performance.now() - begun];
  };

  it('tells of its disk', async () => {
    const { measured } = partOf(await healthOf(service, key), 'disk');
    expect(measured['free']).toEqual({ value: expect.any(Number) as number, unit: 'bytes' });
    expect(measured['free_share']?.unit).toBe('share');
  });

  it.each(['SIGSTOP', 'SIGKILL'] as const)(
    'answers soon after %s of mongod and long after, and nobody else than before is let in',
    async (signal) => {
      const revoked = await service.keyOf('root@example.org');
      const unseen = await service.keyOf('root@example.org');
      await healthOf(service, revoked);
      await service.cli(['keys', 'revoke', /^cw_([0-9a-f]+)_/.exec(revoked)?.[1] ?? revoked]);
      expect((await service.request(HEALTH, { key: revoked })).status).toBe(401);
      await healthOf(service, key);
      const mongod = await mongodOn(dataDir);
      process.kill(mongod, signal);
      try {
        const failing: Part[] = [];
        for (let round = 0; round < 3; round += 1) {
          const [report, ms] = await timedHealth();
          expect(ms).toBeLessThan(WITHIN_MS * leeway);
          const database = partOf(report, 'database');
          if (database.status === 'failing') failing.push(database);
          // One that was killed may be back by now.
          else if (signal === 'SIGKILL') continue;
          expect(report.status).toBe('failing');
          expect(database).toMatchObject({ measured: { reachable: { value: false } } });
          expect(database.advice).toMatch(/mongod\.log/);
          // One that is back a moment later has told of the clusters already.
          if (signal === 'SIGKILL') continue;
          expect(partOf(report, 'cluster').status).toBe('unknown');
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
        if (signal === 'SIGKILL') return;
        expect(failing).toHaveLength(3);
        expect(new Set(failing.map(({ since }) => since)).size).toBe(1);
        for (const other of [revoked, unseen, `${key}x`]) {
          expect([401, 503]).toContain((await service.request(HEALTH, { key: other })).status);
        }
        expect((await service.request('/api/v1/cluster/jobs/count', { key })).status).toBe(503);
      } finally {
        if (signal === 'SIGSTOP') process.kill(mongod, 'SIGCONT');
      }
      await eventually(async () => {
        expect(partOf(await healthOf(service, key), 'database').status).toBe('ok');
      }, 20_000);
    },
    120_000,
  );
});

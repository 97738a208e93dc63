import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, MongoClient, ObjectId } from 'mongodb';
import { JobWriter, type JobWriteOutcome } from '#libs/jobs';
import type { PlainJson } from '#libs/json';
import {
  type CliAnswer,
  type ClockworkService,
  newDatabase,
  runCli,
  startService,
} from '../support/clockwork-service.js';
import { jobInputOf } from '../support/job-inputs.js';
import { jobRecord, type JobParts, type PublicJob } from '../support/job-records.js';
import { jsonLines } from '../support/json-lines.js';
import { daysAgo, endedJob } from '../support/old-jobs.js';
import { openServices, type OpenServices } from '../support/services-in-process.js';
import { everythingIn } from '../support/stored-documents.js';

const LONG_AGO = '2020-05-02T10:00:00-04:00';
const ODD_DICT = '{"a.b":1,"$set":{"_bsontype":"Long"},"__proto__":{"x":1.0},"":18446744073709551615,"n":-0.0}';

const COMPRESSED = { storageEngine: { wiredTiger: { configString: 'block_compressor=zstd' } } };

let service: ClockworkService;
let writing: OpenServices;
let database: MongoClient;
let key: string;

beforeAll(async () => {
  service = await startService();
  writing = await openServices(service.environment);
  database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
});

afterAll(async () => {
  await writing.close();
  await database.close();
  await service.stop();
});

const stored = (collection: string) => database.db().collection(collection);

async function archive(...options: string[]): Promise<Document> {
  const answer = await service.cli(['archive', ...options]);
  if (answer.code !== 0) throw new Error(answer.stderr);
  return jsonLines(answer.stdout)[0] as Document;
}

/** In which of the two collections a job is. */
async function placesOf(jobId: string, cluster: string): Promise<string[]> {
  const filter = { 'slurm.job_id': jobId, 'slurm.cluster_name': cluster };
  const counts = await Promise.all(['jobs', 'jobs_cold'].map((name) => stored(name).countDocuments(filter)));
  return ['jobs', 'jobs_cold'].flatMap((name, at) => Array<string>(counts[at] ?? 0).fill(name));
}

const oneText = async (query: string) => (await service.request(`/jobs/one?${query}`, { key })).text;
const one = async (query: string) => JSON.parse(await oneText(query)) as PublicJob;

function update(jobId: string, cluster: string, pairs: string, as = key) {
  const body = `{"job_id":"${jobId}","cluster_name":"${cluster}","update_pairs":${pairs}}`;
  const headers = { 'Content-Type': 'application/json' };
  return service.request('/jobs/user_dict_update', { method: 'PUT', key: as, body, headers });
}

/** Imports jobs that ended long ago, and archives them. */
async function archived(cluster: string, ...records: JobParts[]): Promise<void> {
  await service.load({ jobs: records });
  expect(await archive('--older-than', '365d', '--cluster', cluster)).toMatchObject({ archived: records.length });
}

describe('clockwork archive', () => {
  const inCluster = (cluster_name: string, jobId: string, slurm: JobParts['slurm'] = {}) =>
    endedJob(jobId, { cluster_name, ...slurm });

  it('moves jobs that ended long enough ago, to the byte, and no others', async () => {
    await service.load({
      jobs: [
        inCluster('moved', '1', { ended: daysAgo(366) }),
        inCluster('moved', '2', { ended: LONG_AGO, job_state: 'FAILED' }),
        inCluster('moved', '3', { ended: daysAgo(364) }),
        inCluster('moved', '4', { ended: 'Unknown' }),
        inCluster('moved', '5', { ended: LONG_AGO, job_state: 'RUNNING' }),
        inCluster('moved', '6', { ended: LONG_AGO, state_flags: ['COMPLETING'] }),
        inCluster('elsewhere', '7', { ended: LONG_AGO }),
      ],
    });
    // One that the controller does not show any more, while accounting may still say more.
    await service.load({ jobs: [inCluster('moved', '8', { ended: LONG_AGO })] });
    await stored('jobs').updateOne({ 'slurm.job_id': '8' }, { $set: { 'source.vanished': new Date() } });
    expect((await update('2', 'moved', ODD_DICT)).status).toBe(200);
    const before = await everythingIn(service.environment['MONGODB_URI']);
    const expected = { cluster: 'moved', archived: 2, deleted: 0, deleted_before: null };

    const dry = await archive('--older-than', '365d', '--cluster', 'moved', '--dry-run');
    expect(dry).toMatchObject({ ...expected, dry_run: true });
    expect(await everythingIn(service.environment['MONGODB_URI'])).toEqual(before);

    const done = await archive('--older-than', '365d', '--cluster', 'moved');
    expect(done).toMatchObject({ ...expected, dry_run: false });
    for (const jobId of ['1', '2']) expect(await placesOf(jobId, 'moved')).toEqual(['jobs_cold']);
    for (const jobId of ['3', '4', '5', '6', '8']) expect(await placesOf(jobId, 'moved')).toEqual(['jobs']);
    expect(await placesOf('7', 'elsewhere')).toEqual(['jobs']);
    const after = await everythingIn(service.environment['MONGODB_URI']);
    const all = (data: typeof before) =>
      ['jobs', 'jobs_cold'].flatMap((name) => data.get(name)?.documents ?? []).sort();
    expect(all(after)).toEqual(all(before));

    expect(await archive('--older-than', '365d', '--cluster', 'moved')).toMatchObject({ archived: 0 });
  });

  it('is audited, with what was asked for and what came of it', async () => {
    await archived('audited', inCluster('audited', '1'));
    const [end, begin] = jsonLines((await service.cli(['audit', '--what', 'data.archive', '--limit', '2'])).stdout);
    expect(begin).toMatchObject({ what: 'data.archive', after: { state: 'begun', cluster: 'audited' } });
    expect(end).toMatchObject({
      target: 'jobs',
      after: { state: 'done', cluster: 'audited', archived: 1, deleted: 0 },
    });
  });

  it('keeps the archive compressed by zstd', async () => {
    expect(await stored('jobs_cold').options()).toEqual(COMPRESSED);
  });

  it('leaves a job where it is whose id another archived one has: it is the one that counts', async () => {
    await archived('twin', inCluster('twin', '1', { name: 'archived' }));
    const [job] = await stored('jobs_cold').find({ 'slurm.cluster_name': 'twin' }, { promoteValues: false }).toArray();
    const twin = { ...job, _id: new ObjectId(), slurm: { ...(job?.['slurm'] as object), name: 'listed' } };
    await stored('jobs').insertOne(twin);
    await service.load({ jobs: [inCluster('twin', '2')] });
    expect(await archive('--older-than', '365d', '--cluster', 'twin')).toMatchObject({ archived: 1 });
    expect(await placesOf('1', 'twin')).toEqual(['jobs', 'jobs_cold']);
    for (const query of ['job_id=1&cluster_name=twin', 'job_id=1&cluster_name=twin,none']) {
      expect((await one(query)).slurm).toMatchObject({ name: 'listed' });
    }
  });

  it('deletes archived jobs that ended long enough ago, and nothing else', async () => {
    await archived(
      'deleted',
      inCluster('deleted', '1', { ended: daysAgo(1500) }),
      inCluster('deleted', '2', { ended: daysAgo(500) }),
    );
    await service.load({
      jobs: [inCluster('deleted', '3', { ended: daysAgo(1600) }), inCluster('kept', '4', { ended: daysAgo(1500) })],
    });
    const dry = await archive('--delete-older-than', '1000d', '--cluster', 'deleted', '--dry-run');
    expect(dry).toMatchObject({ archived: 0, deleted: 1, ended_before: null });
    const both = ['--older-than', '365d', '--delete-older-than', '1000d', '--cluster', 'deleted'];
    expect(await archive(...both, '--dry-run')).toMatchObject({ archived: 1, deleted: 2 });
    expect(await archive('--delete-older-than', '1000d', '--cluster', 'deleted')).toMatchObject({ deleted: 1 });
    expect(await placesOf('1', 'deleted')).toEqual([]);
    expect(await placesOf('2', 'deleted')).toEqual(['jobs_cold']);
    expect(await placesOf('3', 'deleted')).toEqual(['jobs']);
    expect(await archive(...both)).toMatchObject({ archived: 1, deleted: 1 });
    expect(await placesOf('3', 'deleted')).toEqual([]);
    expect(await placesOf('4', 'kept')).toEqual(['jobs']);
    expect(await oneText('job_id=1&cluster_name=deleted')).toBe('{}');
  });

  it.each([
    [[], /--older-than.*--delete-older-than/],
    [['--older-than', '12h'], /1d or more/],
    [['--older-than', 'a year'], /a number and a unit/],
    [['--older-than', '365d', '--delete-older-than', '365d'], /must be longer/],
  ])('is refused with exit 2 where it is asked for in a wrong way: %j', async (options, message) => {
    const answer: CliAnswer = await service.cli(['archive', ...options]);
    expect({ code: answer.code, stdout: answer.stdout }).toEqual({ code: 2, stdout: '' });
    expect(answer.stderr).toMatch(message);
  });
});

describe('an archived job', () => {
  it('is found by jobs/one as before, in every form of its id, by whoever may see it', async () => {
    const job = (jobId: string, slurm: JobParts['slurm']) => endedJob(jobId, { cluster_name: 'found', ...slurm });
    await service.load({
      jobs: [
        job('100', { array_job_id: '90', array_task_id: 3 }),
        job('101', { het_job_id: '95', het_job_offset: 1 }),
        job('102', {}),
        jobRecord({ slurm: { cluster_name: 'found', job_id: '103', array_job_id: '90', array_task_id: 4 } }),
      ],
    });
    const seesOthers = await service.keyOf('other@example.org', ['--clusters', 'narval']);
    const queries = ['job_id=100', 'job_id=90_3', 'job_id=95%2B1', 'job_id=102', 'job_id=102&cluster_name=found'];
    const before = await Promise.all(queries.map(oneText));
    const list = () => service.request('/jobs/list?cluster_name=found', { key });
    const listed = await list();
    expect(await archive('--older-than', '365d', '--cluster', 'found')).toMatchObject({ archived: 3 });
    expect(await Promise.all(queries.map(oneText))).toEqual(before);
    expect(before.every((text) => text.startsWith('{"slurm":'))).toBe(true);
    expect((await service.request('/jobs/one?job_id=102', { key: seesOthers })).text).toBe('{}');
    expect(await oneText('job_id=102&cluster_name=narval')).toBe('{}');

    // Lists and counts go on without them, and a tag of before does not stand for what is there now.
    expect(listed.body).toHaveLength(4);
    const headers = { 'If-None-Match': String(listed.headers.etag) };
    const now = await service.request('/jobs/list?cluster_name=found', { key, headers });
    expect([now.status, (now.body as PublicJob[]).map(({ slurm }) => slurm.job_id)]).toEqual([200, ['103']]);
    expect((await service.request('/jobs/count?cluster_name=found', { key })).body).toEqual({ count: 1 });
  });

  it('counts where a job id means several', async () => {
    await archived('several-a', endedJob('5000', { cluster_name: 'several-a' }));
    await archived('several-b', endedJob('5000', { cluster_name: 'several-b' }));
    await service.load({ jobs: [jobRecord({ slurm: { cluster_name: 'several-c', job_id: '5000' } })] });
    const { status, body } = await service.request('/jobs/one?job_id=5000', { key });
    expect(status).toBe(500);
    expect((body as { detail: string }).detail).toMatch(/^3 jobs match .* several-a, several-b, several-c:/);
    const put = { method: 'PUT', key, json: { job_id: '5000', update_pairs: {} } };
    expect((await service.request('/jobs/user_dict_update', put)).status).toBe(500);
    expect((await one('job_id=5000&cluster_name=several-b')).slurm.cluster_name).toBe('several-b');
  });

  it('takes updates of its dict from its owner alone, where it is', async () => {
    await archived('dicts', endedJob('1', { cluster_name: 'dicts' }));
    const other = await service.keyOf('bob@example.org', ['--cluster-username', 'bob']);
    expect((await update('1', 'dicts', '{"x":1}', other)).status).toBe(403);
    expect((await update('1', 'dicts', ODD_DICT)).text).toBe(ODD_DICT);
    expect(await update('1', 'dicts', `{"big":"${'x'.repeat(1024 * 1024)}"}`)).toMatchObject({ status: 413 });
    expect((await update('1', 'dicts', '{"more":true}')).text).toBe(`${ODD_DICT.slice(0, -1)},"more":true}`);
    expect(await oneText('job_id=1&cluster_name=dicts')).toContain(`"user":${ODD_DICT.slice(0, -1)},"more":true}}`);
    expect(await placesOf('1', 'dicts')).toEqual(['jobs_cold']);
  });

  it('gets names that its owner is given later', async () => {
    await archived(
      'names',
      jobRecord({ ...endedJob('1', { cluster_name: 'names' }), cw: { mila_cluster_username: 'eve' } }),
    );
    const theirs = await service.keyOf('eve@example.org', ['--cluster-username', 'eve']);
    expect((await one('job_id=1&cluster_name=names')).cw).toMatchObject({ mila_email_username: 'eve@example.org' });
    expect((await update('1', 'names', '{"mine":1}', theirs)).text).toBe('{"mine":1}');
    expect(await placesOf('1', 'names')).toEqual(['jobs_cold']);
  });

  it('is in an export, a backup and what is restored of it', async () => {
    await archived('saved', endedJob('1', { cluster_name: 'saved' }));
    const exported = jsonLines((await service.cli(['export', 'jobs'])).stdout) as { jobs: PublicJob }[];
    expect(exported.filter(({ jobs }) => jobs.slurm.cluster_name === 'saved')).toHaveLength(1);
    const directory = await mkdtemp(join(tmpdir(), 'clockwork-archive-'));
    try {
      const path = join(directory, 'backup');
      expect(await service.cli(['db', 'backup', path])).toMatchObject({ code: 0 });
      const uri = newDatabase();
      const environment = { ...service.environment, MONGODB_URI: uri };
      expect(await runCli(environment, ['db', 'restore', path])).toMatchObject({ code: 0 });
      const [before, after] = await Promise.all([everythingIn(service.environment['MONGODB_URI']), everythingIn(uri)]);
      expect(after.get('jobs_cold')).toEqual(before.get('jobs_cold'));
      expect(after.get('jobs_cold')?.documents.length).toBeGreaterThan(0);
      const again = await MongoClient.connect(uri);
      expect(await again.db().collection('jobs_cold').options()).toEqual(COMPRESSED);
      await again.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('a record of an archived job', () => {
  const slurm = (cluster_name: string, more: Record<string, PlainJson> = {}): Record<string, PlainJson> => ({
    cluster_name,
    job_id: '1',
    uid: '10001',
    job_state: 'COMPLETED',
    mila_cluster_username: 'ada',
    submit_time: '2019-05-01T10:00:00-04:00',
    restart_count: 0,
    end_time: LONG_AGO,
    ...more,
  });

  async function write(origin: 'controller' | 'accounting' | 'import', record: Record<string, PlainJson>) {
    const outcomes: JobWriteOutcome[] = await writing.services.get(JobWriter).write([jobInputOf(record)], origin);
    return outcomes[0];
  }

  async function archivedFrom(origin: 'accounting' | 'import', cluster: string): Promise<void> {
    expect(await write(origin, slurm(cluster))).toBe('added');
    expect((await update('1', cluster, '{"kept":1}')).status).toBe(200);
    expect(await archive('--older-than', '365d', '--cluster', cluster)).toMatchObject({ archived: 1 });
  }

  const query = (cluster: string) => `job_id=1&cluster_name=${cluster}`;

  it.each(['import', 'accounting'] as const)('of %s that says nothing new leaves it where it is', async (origin) => {
    const cluster = `same-${origin}`;
    await archivedFrom(origin, cluster);
    expect(await write(origin, slurm(cluster))).toBe('unchanged');
    expect(await placesOf('1', cluster)).toEqual(['jobs_cold']);
  });

  it('that is older changes nothing', async () => {
    await archivedFrom('import', 'outdated');
    const before = await oneText(query('outdated'));
    expect(await write('import', slurm('outdated', { submit_time: '2018-05-01T10:00:00-04:00' }))).toBe('outdated');
    expect(await oneText(query('outdated'))).toBe(before);
    expect(await placesOf('1', 'outdated')).toEqual(['jobs_cold']);
  });

  it('that says something new brings it back with its dict, for a day at least', async () => {
    await archivedFrom('accounting', 'changed');
    expect(await write('import', slurm('changed', { exit_code: '1:0' }))).toBe('changed');
    expect(await placesOf('1', 'changed')).toEqual(['jobs']);
    expect(await one(query('changed'))).toMatchObject({ slurm: { exit_code: '1:0' }, user: { kept: 1 } });
    expect(await archive('--older-than', '365d', '--cluster', 'changed')).toMatchObject({ archived: 0 });
    const yesterday = new Date(Date.now() - 86_500_000);
    await stored('jobs').updateOne({ 'slurm.cluster_name': 'changed' }, { $set: { 'source.returned': yesterday } });
    expect(await archive('--older-than', '365d', '--cluster', 'changed')).toMatchObject({ archived: 1 });
  });

  it('that is a requeue brings it back as the same job, with the attempt before', async () => {
    await archivedFrom('import', 'requeued');
    const requeue = { submit_time: daysAgo(1), restart_count: 1, job_state: 'RUNNING', end_time: 'Unknown' };
    expect(await write('import', slurm('requeued', requeue))).toBe('changed');
    expect(await one(query('requeued'))).toMatchObject({
      user: { kept: 1 },
      cw: { attempts: [{ end_time: LONG_AGO }] },
    });
    expect(await placesOf('1', 'requeued')).toEqual(['jobs']);
  });

  it('that is of another job with its id takes its place, and its dict is kept apart', async () => {
    await archivedFrom('accounting', 'reused');
    const next = { submit_time: daysAgo(1), uid: '10002', job_state: 'RUNNING', end_time: 'Unknown' };
    expect(await write('controller', slurm('reused', next))).toBe('added');
    expect(await placesOf('1', 'reused')).toEqual(['jobs']);
    expect(await one(query('reused'))).toMatchObject({ user: {}, cw: { phase: 'running' } });
    const replaced = await stored('jobs_archive').find({ 'slurm.cluster_name': 'reused' }).toArray();
    expect(replaced).toMatchObject([{ user: { kept: 1 }, slurm: { uid: '10001' } }]);
  });

  it('that comes with a dict replaces its own where that is asked for', async () => {
    await archivedFrom('import', 'replaced');
    const file = JSON.stringify({ jobs: [{ slurm: slurm('replaced'), user: { new: 2 } }] });
    await service.cli(['import', '-'], file);
    expect(await one(query('replaced'))).toMatchObject({ user: { kept: 1 } });
    expect(await service.cli(['import', '--replace-user-dicts', '-'], file)).toMatchObject({ code: 0 });
    expect((await one(query('replaced'))).user).toEqual({ new: 2 });
  });
});

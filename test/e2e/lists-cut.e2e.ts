import { Code, MongoClient } from 'mongodb';
import { exchange } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { CODINGS, decoded, decodedPart } from '../support/content-codings.js';
import { BASE } from '../support/http-exchange.js';
import { jsonLines } from '../support/json-lines.js';
import { NDJSON } from '../support/list-representations.js';
import { longList } from '../support/long-list.js';
import { OpenAnswer } from '../support/open-answer.js';
import { OpenCursors } from '../support/open-cursors.js';

const JOBS = 14_000;

let service: ClockworkService;
let key: string;
let database: MongoClient;
let cursors: OpenCursors;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  await service.load({ jobs: longList(JOBS) });
  database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
  cursors = new OpenCursors(database, 'jobs');
}, 60_000);

afterAll(async () => {
  await database.close();
  await service.stop();
});

/** So that no list is the one that was asked for before. */
async function changeSomething(): Promise<void> {
  const json = { job_id: String(JOBS), update_pairs: { at: performance.now() } };
  const answer = await exchange(service.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
  expect(answer.status).toBe(200);
}

const FORMATS = ['application/json', NDJSON];
const VERSIONS = ['1.1', '1.0'] as const;
const CASES = FORMATS.flatMap((accept) =>
  VERSIONS.flatMap((version) => [undefined, ...CODINGS].map((coding) => ({ accept, version, coding }))),
);

describe('a list whose cursor is killed in the middle', () => {
  it.each(CASES)(
    'as $accept in HTTP/$version, coded as $coding, breaks the connection and is no whole list',
    async ({ accept, version, coding }) => {
      await changeSomething();
      const headers = { Accept: accept, ...(coding === undefined ? {} : { 'Accept-Encoding': coding }) };
      const open = await OpenAnswer.begin(service.url, { path: '/jobs/list', key, headers, version });
      expect(open.head).toMatchObject({ status: 200, headers: { 'content-type': accept } });
      expect(open.head.headers['content-encoding']).toBe(coding);
      await cursors.stall();
      expect(await cursors.kill()).toBeGreaterThan(0);
      const { bytes, whole } = await open.rest();

      if (version === '1.1') expect(whole).toBe(false);
      if (coding !== undefined) expect(() => decoded(bytes, coding)).toThrow();
      // Also for a client that looks at no framing and at no end of a coding.
      const text = decodedPart(bytes, coding).toString();
      expect(text.length).toBeGreaterThan(10_000);
      expectNotWhole(accept, text);
    },
  );

  it('is whole for the next who asks, and what was cut is kept nowhere', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      const open = await OpenAnswer.begin(service.url, { path: '/jobs/list', key });
      const { bytes, whole } = await open.rest();
      expect(whole).toBe(true);
      expect((JSON.parse(bytes.toString()) as unknown[]).length).toBe(JOBS);
    }
    await cursors.becomeAsMany(0);
  });

  it('that stops with what nobody can write as JSON is none either', async () => {
    await changeSomething();
    // No JSON stands for code; nobody but a foreign writer stores it.
    await database
      .db()
      .collection('jobs')
      .updateOne({ 'slurm.job_id': String(JOBS) }, { $set: { 'user.code': new Code('0') } });
    for (const accept of FORMATS) {
      const open = await OpenAnswer.begin(service.url, { path: '/jobs/list', key, headers: { Accept: accept } });
      const { bytes, whole } = await open.rest();
      expect(whole).toBe(false);
      expectNotWhole(accept, bytes.toString());
    }
    await cursors.becomeAsMany(0);
    expect((await exchange(service.url, `${BASE}/jobs/one?job_id=1`, { key })).status).toBe(200);
  });
});

/** JSON does not parse; of lines, the last one does not, so that nobody takes it for one of them. */
function expectNotWhole(accept: string, text: string): void {
  if (accept !== NDJSON) {
    expect(() => {
      JSON.parse(text);
    }).toThrow(SyntaxError);
    return;
  }
  const lastEnd = text.lastIndexOf('\n');
  const last = text.slice(lastEnd + 1);
  expect(last).not.toBe('');
  expect(() => {
    JSON.parse(last);
  }).toThrow(SyntaxError);
  expect(jsonLines(text.slice(0, lastEnd + 1)).length).toBeLessThan(JOBS);
}

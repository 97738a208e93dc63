import { BSON } from 'mongodb';
import type { ApiAnswer, ApiRequest } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { DOCUMENTED_MILA_JOB, jobRecord } from '../support/job-records.js';

const ROUTE = '/jobs/user_dict_update';
const MOST_DICT_BYTES = 1024 * 1024;
/** What a dict with the one key `k` and a text takes beside the text: length, type, `k`, length of the text, two ends. */
const DICT_AROUND_TEXT = 4 + 1 + 2 + 4 + 1 + 1;

describe('PUT jobs/user_dict_update', () => {
  let service: ClockworkService;
  /** Of milauser12, who owns the documentation's running job and all others here but those that are said not to be. */
  let key: string;
  let lastFresh = 1000;

  beforeAll(async () => {
    service = await startService();
    key = await service.keyOf('ada@example.org', ['--cluster-username', 'milauser12', '--cc-username', 'ccuser01']);
    const owned = (slurm: Record<string, unknown>) => jobRecord({ slurm, cw: { mila_cluster_username: 'milauser12' } });
    await service.load({
      jobs: [
        DOCUMENTED_MILA_JOB,
        ...Array.from({ length: 100 }, (_, number) => owned({ job_id: String(1001 + number) })),
        owned({ job_id: '1' }),
        { ...owned({ job_id: '2' }), user: { kept: 1 } },
        { ...owned({ job_id: '2', cluster_name: 'narval' }), user: { kept: 2 } },
        owned({ job_id: '11', array_job_id: '10', array_task_id: 4 }),
        owned({ job_id: '20', het_job_id: '20', het_job_offset: 0 }),
        owned({ job_id: '21', het_job_id: '20', het_job_offset: 1 }),
        { ...jobRecord({ slurm: { job_id: '30' }, cw: { mila_cluster_username: 'other' } }), user: { kept: 3 } },
        jobRecord({ slurm: { job_id: '31' } }),
        jobRecord({
          slurm: { job_id: '32' },
          cw: { mila_cluster_username: 'milauser12', cc_account_username: 'somebodyelse' },
        }),
        jobRecord({
          slurm: { job_id: '33' },
          cw: { mila_cluster_username: 'milauser12', cc_account_username: 'ccuser01' },
        }),
      ],
    });
  });

  afterAll(() => service.stop());

  /** A job of the caller's that no other test uses. */
  function freshJob(): string {
    lastFresh += 1;
    return String(lastFresh);
  }

  function put(request: ApiRequest, query = ''): Promise<ApiAnswer> {
    return service.request(`${ROUTE}?${query}`, { method: 'PUT', key, ...request });
  }

  function putText(body: string, query = ''): Promise<ApiAnswer> {
    return put({ body, headers: { 'Content-Type': 'application/json' } }, query);
  }

  /** All jobs, as text: what a refused request must leave as it is. */
  async function everything(): Promise<string> {
    return (await service.request('/jobs/list', { key })).text;
  }

  async function expectRefused(status: number, detail: RegExp, send: () => Promise<ApiAnswer>): Promise<void> {
    const before = await everything();
    const answer = await send();
    expect([answer.status, (answer.body as { detail: string }).detail]).toEqual([
      status,
      expect.stringMatching(detail),
    ]);
    expect(await everything()).toBe(before);
  }

  async function dictText(jobId: string): Promise<string> {
    const { text } = await service.request(`/jobs/one?job_id=${jobId}`, { key });
    return text.slice(text.lastIndexOf('"user":') + '"user":'.length, -1);
  }

  describe('the answer', () => {
    it("is the documentation's example: the new updated dict, not the complete job", async () => {
      const update = { train_loss: 0.2, valid_loss: 0.3, nbr_dinosaurs: 10 };
      const answer = await put({ json: { job_id: '233874', cluster_name: 'mila', update_pairs: update } });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.text).toBe('{"train_loss":0.2,"valid_loss":0.3,"nbr_dinosaurs":10}');
    });

    it('is what the job has as its user dict from then on, and slurm and cw are as before', async () => {
      const jobId = freshJob();
      const path = `/jobs/one?job_id=${jobId}`;
      const before = (await service.request(path, { key })).body as object;
      await put({ json: { job_id: jobId, update_pairs: { a: 1 } } });
      expect((await service.request(path, { key })).body).toEqual({ ...before, user: { a: 1 } });
    });
  });

  describe('the merge', () => {
    it('adds new keys, replaces those that are there and keeps the others', async () => {
      const job_id = freshJob();
      await put({ json: { job_id, update_pairs: { a: 1, b: 2 } } });
      const answer = await put({ json: { job_id, update_pairs: { b: 'two', c: [3] } } });
      expect(answer.body).toEqual({ a: 1, b: 'two', c: [3] });
    });

    it('is shallow: a dict in the place of a dict replaces it', async () => {
      const job_id = freshJob();
      await put({ json: { job_id, update_pairs: { metrics: { loss: 1, accuracy: 0.5 } } } });
      expect((await put({ json: { job_id, update_pairs: { metrics: { loss: 2 } } } })).body).toEqual({
        metrics: { loss: 2 },
      });
    });

    it('stores null for null', async () => {
      const job_id = freshJob();
      await put({ json: { job_id, update_pairs: { a: 1 } } });
      expect((await put({ json: { job_id, update_pairs: { a: null } } })).body).toEqual({ a: null });
    });

    it('of no pairs changes nothing and answers the dict', async () => {
      const job_id = freshJob();
      expect((await put({ json: { job_id, update_pairs: {} } })).text).toBe('{}');
      await put({ json: { job_id, update_pairs: { a: 1 } } });
      expect((await put({ json: { job_id, update_pairs: {} } })).text).toBe('{"a":1}');
    });

    it('is the same when it is sent again', async () => {
      const json = { job_id: freshJob(), update_pairs: { a: 1, b: { c: 2 } } };
      const { text } = await put({ json });
      expect((await put({ json })).text).toBe(text);
    });
  });

  describe('where the arguments stand', () => {
    const pairs = '{"a":1}';

    it('takes all three from the query string', async () => {
      const query = new URLSearchParams({ job_id: freshJob(), cluster_name: 'mila', update_pairs: pairs });
      expect((await put({}, query.toString())).text).toBe(pairs);
    });

    it('takes all three from a JSON body, update_pairs as an object or as a string that holds one', async () => {
      const json = { job_id: freshJob(), cluster_name: 'mila', update_pairs: { a: 1 } };
      expect((await put({ json })).text).toBe(pairs);
      expect((await put({ json: { ...json, update_pairs: '{"a":2}' } })).text).toBe('{"a":2}');
    });

    it('takes all three from a form body', async () => {
      const form = { job_id: freshJob(), cluster_name: 'mila', update_pairs: '{"a":"x + y & é"}' };
      expect((await put({ form })).body).toEqual({ a: 'x + y & é' });
    });

    it('takes some from the query string and the others from the body', async () => {
      const job_id = freshJob();
      expect((await put({ json: { update_pairs: { a: 1 } } }, `job_id=${job_id}`)).text).toBe(pairs);
      expect((await put({ form: { update_pairs: '{"a":2}' } }, `job_id=${job_id}&cluster_name=mila`)).text).toBe(
        '{"a":2}',
      );
      expect((await put({ json: { job_id } }, 'update_pairs={"a":3}')).text).toBe('{"a":3}');
    });

    it('takes an argument in two places where both are equal', async () => {
      const job_id = freshJob();
      const both = new URLSearchParams({
        job_id,
        cluster_name: 'mila',
        update_pairs: '{ "a": 1, "b": {"x":1,"y":2} }',
      });
      const update_pairs = { b: { y: 2, x: 1 }, a: 1 };
      expect((await put({ json: { job_id, cluster_name: 'mila', update_pairs } }, both.toString())).status).toBe(200);
      const form = { job_id, cluster_name: 'mila', update_pairs: JSON.stringify(update_pairs) };
      expect((await put({ form }, both.toString())).status).toBe(200);
    });

    it('is 400 for an argument in two places where they differ', async () => {
      const job_id = freshJob();
      const json = { job_id, cluster_name: 'mila', update_pairs: { a: 1 } };
      await expectRefused(400, /^job_id: /, () => put({ json }, `job_id=${freshJob()}`));
      await expectRefused(400, /^cluster_name: /, () => put({ json }, 'cluster_name=narval'));
      await expectRefused(400, /^update_pairs: /, () => put({ json }, 'update_pairs={"a":2}'));
      await expectRefused(400, /^update_pairs: /, () =>
        put({ form: { job_id, update_pairs: '{}' } }, 'update_pairs={"a":1}'),
      );
    });

    it('takes 1 and 1.0 for different', async () => {
      const json = { job_id: freshJob(), update_pairs: { a: 1 } };
      await expectRefused(400, /^update_pairs: /, () => put({ json }, 'update_pairs={"a":1.0}'));
    });

    it('takes an integer job_id in JSON for its digits', async () => {
      const jobId = freshJob();
      expect((await put({ json: { job_id: Number(jobId), update_pairs: { a: 1 } } })).text).toBe(pairs);
      expect((await put({ json: { job_id: Number(jobId), update_pairs: { a: 1 } } }, `job_id=${jobId}`)).status).toBe(
        200,
      );
    });

    it('takes null in JSON for not given', async () => {
      const job_id = freshJob();
      expect((await put({ json: { job_id, cluster_name: null, update_pairs: { a: 1 } } })).text).toBe(pairs);
      await expectRefused(400, /^job_id: is needed/, () => put({ json: { job_id: null, update_pairs: {} } }));
      await expectRefused(400, /^update_pairs: is needed/, () => put({ json: { job_id, update_pairs: null } }));
    });

    it('ignores what the route does not know', async () => {
      const json = { job_id: freshJob(), update_pairs: { a: 1 }, colour: 'red' };
      expect((await put({ json }, 'colour=blue&colour=green')).text).toBe(pairs);
    });
  });

  describe('which job', () => {
    const update_pairs = { a: 1 };

    it('may be an array task as ARRAYID_TASKID', async () => {
      expect((await put({ json: { job_id: '10_4', update_pairs } })).status).toBe(200);
      expect(await dictText('11')).toBe('{"a":1}');
    });

    it('may be a heterogeneous component as HETID+OFFSET, in JSON, a form and a query string, escaped or not', async () => {
      expect((await put({ json: { job_id: '20+1', update_pairs: { json: 1 } } })).status).toBe(200);
      expect((await put({ json: { job_id: '20 1', update_pairs: { space: 1 } } })).status).toBe(200);
      expect((await put({ form: { job_id: '20+1', update_pairs: '{"form":1}' } })).status).toBe(200);
      expect((await put({ json: { update_pairs: { query: 1 } } }, 'job_id=20%2B1')).status).toBe(200);
      expect((await put({ json: { update_pairs: { unescaped: 1 } } }, 'job_id=20+1')).status).toBe(200);
      expect((await put({ json: { job_id: '20+1', update_pairs: { both: 1 } } }, 'job_id=20+1')).status).toBe(200);
      expect(await dictText('21')).toBe('{"json":1,"space":1,"form":1,"query":1,"unescaped":1,"both":1}');
      expect(await dictText('20')).toBe('{}');
    });

    it('is 404 where there is none', async () => {
      await expectRefused(404, /"404404"/, () => put({ json: { job_id: '404404', update_pairs } }));
      await expectRefused(404, /"nowhere"/, () =>
        put({ json: { job_id: '1', cluster_name: 'nowhere', update_pairs } }),
      );
      await expectRefused(404, /job_id/, () => put({ json: { job_id: '10_5', update_pairs } }));
    });

    it('is 500 where more than one match, with how many and on which clusters', async () => {
      await expectRefused(500, /\b2 jobs\b.*mila, narval/, () => put({ json: { job_id: '2', update_pairs } }));
      await expectRefused(500, /\b2 jobs\b.*mila, narval/, () =>
        put({ json: { job_id: '2', cluster_name: 'narval,mila', update_pairs } }),
      );
    });

    it('is made plain by cluster_name, which may be several', async () => {
      const json = { job_id: '2', cluster_name: 'narval,nowhere', update_pairs: { more: 1 } };
      expect((await put({ json })).text).toBe('{"kept":2,"more":1}');
    });
  });

  describe('whose job', () => {
    const update_pairs = { a: 1 };

    it("is 403 where it is another's", async () => {
      await expectRefused(403, /not yours/, () => put({ json: { job_id: '30', update_pairs } }));
    });

    it('is 403 for a job that belongs to nobody', async () => {
      await expectRefused(403, /not yours/, () => put({ json: { job_id: '31', update_pairs } }));
    });

    it("is 403 where one of its names is not the caller's, though another is", async () => {
      await expectRefused(403, /not yours/, () => put({ json: { job_id: '32', update_pairs } }));
    });

    it("is the caller's where each of its names is theirs", async () => {
      expect((await put({ json: { job_id: '33', update_pairs } })).text).toBe('{"a":1}');
    });

    it("is 403 for an admin too, where it is another's", async () => {
      const admin = await service.keyOf('root@example.org', ['--admin', '--cluster-username', 'root']);
      await expectRefused(403, /not yours/, () => put({ json: { job_id: '30', update_pairs }, key: admin }));
      await expectRefused(403, /not yours/, () => put({ json: { job_id: '1', update_pairs }, key: admin }));
    });

    it('is 401 without a valid key, whatever else is wrong', async () => {
      const before = await everything();
      for (const headers of [{}, { Authorization: 'Bearer cw_nobody_nothing' }]) {
        const request = { method: 'PUT', json: { job_id: '404404' }, headers };
        expect((await service.request(ROUTE, request)).status).toBe(401);
      }
      expect(await everything()).toBe(before);
    });
  });

  describe('refusals', () => {
    it('is 400 without job_id', async () => {
      await expectRefused(400, /^job_id: is needed/, () => put({ json: { update_pairs: { a: 1 } } }));
      await expectRefused(400, /^job_id: is needed/, () => put({}));
    });

    it('is 400 without update_pairs', async () => {
      await expectRefused(400, /^update_pairs: is needed/, () => put({ json: { job_id: '1' } }));
      await expectRefused(400, /^update_pairs: is needed/, () => put({}, 'job_id=1'));
    });

    it('is 400 for update_pairs that are not an object or a string that holds one', async () => {
      for (const pairs of [
        '[]',
        '[["a",1]]',
        '1',
        'true',
        '"x"',
        '"[]"',
        '"1"',
        '"null"',
        '"\\"{}\\""',
        '"{"',
        '"{\'a\':1}"',
      ]) {
        await expectRefused(400, /^update_pairs: /, () => putText(`{"job_id":"1","update_pairs":${pairs}}`));
      }
      for (const pairs of ['null', '[]', 'a', '{', '{"a":1}x', '%7B"a":1']) {
        await expectRefused(400, /^update_pairs: /, () => put({}, `job_id=1&update_pairs=${pairs}`));
      }
    });

    it('is 400 for an empty argument', async () => {
      await expectRefused(400, /^job_id: .*empty/, () => put({ json: { update_pairs: {} } }, 'job_id='));
      await expectRefused(400, /^job_id: .*empty/, () => put({ json: { job_id: '', update_pairs: {} } }));
      await expectRefused(400, /^cluster_name: .*empty/, () =>
        put({ json: { update_pairs: {} } }, 'job_id=1&cluster_name='),
      );
      await expectRefused(400, /^cluster_name: .*empty/, () =>
        put({ json: { job_id: '1', cluster_name: 'mila,', update_pairs: {} } }),
      );
      await expectRefused(400, /^update_pairs: .*empty/, () => put({ json: { job_id: '1', update_pairs: '' } }));
      await expectRefused(400, /^update_pairs: .*empty/, () => put({ form: { job_id: '1', update_pairs: '' } }));
    });

    it('is 400 for an argument that is given twice in one place', async () => {
      await expectRefused(400, /^job_id: .*more than once/, () =>
        put({ json: { update_pairs: {} } }, 'job_id=1&job_id=1'),
      );
      await expectRefused(400, /^update_pairs: .*more than once/, () =>
        putText('{"job_id":"1","update_pairs":{},"update_pairs":{}}'),
      );
      await expectRefused(400, /^job_id: .*more than once/, () =>
        putText('{"job_id":"1","job_id":"1","update_pairs":{}}'),
      );
      await expectRefused(400, /^job_id: .*more than once/, () =>
        put({
          body: 'job_id=1&job_id=2&update_pairs={}',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        }),
      );
    });

    it('is 400 for an argument of another kind', async () => {
      for (const jobId of ['1.0', '1e0', 'true', '{}', '["1"]', '{"$ne":"1"}']) {
        await expectRefused(400, /^job_id: /, () => putText(`{"job_id":${jobId},"update_pairs":{"a":1}}`));
      }
      for (const cluster of ['1', 'true', '["mila"]', '{"$ne":"x"}']) {
        await expectRefused(400, /^cluster_name: /, () =>
          putText(`{"job_id":"1","cluster_name":${cluster},"update_pairs":{"a":1}}`),
        );
      }
      await expectRefused(400, /^job_id: /, () => put({ json: { update_pairs: { a: 1 } } }, 'job_id[$ne]=x'));
      await expectRefused(400, /^update_pairs: /, () => put({ json: { job_id: '1' } }, 'update_pairs[a]=1'));
    });

    it('is 400 for a body that is no JSON object', async () => {
      for (const body of ['[]', '1', 'null', '"x"', '{', '{"job_id":"1",}', "{'job_id':1}", '{"job_id":"1"} x', ' ']) {
        await expectRefused(400, /^body: /, () => putText(body, 'job_id=1&update_pairs={"a":1}'));
      }
    });

    it('is 400 for a body or an argument that is not UTF-8', async () => {
      const body = Buffer.concat([
        Buffer.from('{"job_id":"1","update_pairs":{"a":"'),
        Buffer.from([0xff]),
        Buffer.from('"}}'),
      ]);
      await expectRefused(400, /UTF-8/, () => put({ body, headers: { 'Content-Type': 'application/json' } }));
      await expectRefused(400, /UTF-8/, () => put({}, 'job_id=1&update_pairs={"a":"%FF"}'));
    });

    it('is 415 for a body of another type, or of none', async () => {
      const body = '{"job_id":"1","update_pairs":{"a":1}}';
      await expectRefused(415, /application\/json/, () => put({ body, headers: { 'Content-Type': 'text/plain' } }));
      await expectRefused(415, /application\/json/, () => put({ body }));
    });
  });

  describe('limits', () => {
    /** A JSON object of so many levels, itself the first. */
    const nested = (levels: number) => `${'{"k":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
    const nestedList = (levels: number) => `{"k":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    const send = (jobId: string, pairs: string) => putText(`{"job_id":"${jobId}","update_pairs":${pairs}}`);

    it('takes 32 levels, the dict itself being the first', async () => {
      const jobId = freshJob();
      for (const pairs of [nested(32), nestedList(32)]) {
        expect((await send(jobId, pairs)).text).toBe(pairs);
      }
    });

    it('is 400 for 33 levels and any more', async () => {
      for (const pairs of [nested(33), nestedList(33), nested(99), nested(101), nestedList(100_000)]) {
        await expectRefused(400, /levels deep/, () => send('1', pairs));
        await expectRefused(400, /levels deep/, () => send('1', JSON.stringify(pairs)));
      }
    });

    it('takes a dict of exactly 1 MiB as stored', async () => {
      const jobId = freshJob();
      const dict = { k: 'x'.repeat(MOST_DICT_BYTES - DICT_AROUND_TEXT) };
      expect(BSON.calculateObjectSize(dict)).toBe(MOST_DICT_BYTES);
      expect((await put({ json: { job_id: jobId, update_pairs: dict } })).status).toBe(200);
      // It is as large as it may be, and can still be changed.
      expect((await put({ json: { job_id: jobId, update_pairs: { k: 'small' } } })).text).toBe('{"k":"small"}');
    });

    it('is 413 for a byte more', async () => {
      const dict = { k: 'x'.repeat(MOST_DICT_BYTES - DICT_AROUND_TEXT + 1) };
      await expectRefused(413, /1 MiB/, () => put({ json: { job_id: '1', update_pairs: dict } }));
    });

    it('is 413 for what takes several times more as stored than as JSON, and more than the database can take', async () => {
      const list = Array.from({ length: 3_000_000 }, () => 1);
      await expectRefused(413, /1 MiB/, () => put({ json: { job_id: '1', update_pairs: { list } } }));
    });

    it('counts the merged dict, not the update, and bytes, not characters', async () => {
      const job_id = freshJob();
      const half = 'é'.repeat(MOST_DICT_BYTES / 4);
      expect((await put({ json: { job_id, update_pairs: { a: half } } })).status).toBe(200);
      await expectRefused(413, /1 MiB/, () => put({ json: { job_id, update_pairs: { b: half } } }));
      expect((await put({ json: { job_id, update_pairs: { a: 1, b: half } } })).status).toBe(200);
    });

    it('is 413 for a body of more than 8 MiB, and takes one of exactly 8 MiB', async () => {
      const jobId = freshJob();
      const body = `{"job_id":"${jobId}","update_pairs":{"a":1}}`;
      expect((await putText(body.padEnd(8 * 1024 * 1024))).text).toBe('{"a":1}');
      await expectRefused(413, /8 MiB/, () => putText(body.replace('1}', '2}').padEnd(8 * 1024 * 1024 + 1)));
    });
  });
});

import fc from '../support/seeded-fast-check.js';
import type { ApiAnswer } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';

/** JSON text as a caller may write it, and as it must come back. */
interface Written {
  sent: string;
  back: string;
}

const same = (text: string): Written => ({ sent: text, back: text });
const JOBS = 600;

describe('what a user dict keeps', () => {
  let service: ClockworkService;
  let key: string;
  let lastFresh = 0;

  beforeAll(async () => {
    service = await startService();
    key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
    await service.load({
      jobs: Array.from({ length: JOBS }, (_, number) =>
        jobRecord({ slurm: { job_id: String(number + 1) }, cw: { mila_cluster_username: 'ada' } }),
      ),
    });
  });

  afterAll(() => service.stop());

  function freshJob(): string {
    lastFresh += 1;
    if (lastFresh > JOBS) throw new Error('all jobs are used up');
    return String(lastFresh);
  }

  function update(jobId: string, pairs: string): Promise<ApiAnswer> {
    return service.request('/jobs/user_dict_update', {
      method: 'PUT',
      key,
      body: `{"job_id":"${jobId}","update_pairs":${pairs}}`,
      headers: { 'Content-Type': 'application/json' },
    });
  }

  async function jobText(jobId: string): Promise<string> {
    return (await service.request(`/jobs/one?job_id=${jobId}`, { key })).text;
  }

  /** Sends a dict as text and expects it back, from the update and from the job. */
  async function expectKept({ sent, back }: Written): Promise<void> {
    const jobId = freshJob();
    const answer = await update(jobId, sent);
    expect(answer.text).toBe(back);
    const inJob = `,"user":${back}}`;
    expect((await jobText(jobId)).slice(-inJob.length)).toBe(inJob);
  }

  async function expectRefused(pairs: string, detail: RegExp): Promise<void> {
    const jobId = freshJob();
    const { status, body } = await update(jobId, pairs);
    expect([pairs.slice(0, 80), status]).toEqual([pairs.slice(0, 80), 400]);
    expect((body as { detail: string }).detail).toMatch(detail);
    expect(((await service.request(`/jobs/one?job_id=${jobId}`, { key })).body as PublicJob).user).toEqual({});
  }

  const integer = fc
    .oneof(
      fc.bigInt({ min: -(10n ** 34n - 1n), max: 10n ** 34n - 1n }),
      fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
      fc.integer().map(BigInt),
      fc.constantFrom(
        0n,
        2n ** 31n,
        -(2n ** 31n),
        2n ** 53n + 1n,
        2n ** 63n - 1n,
        -(2n ** 63n),
        2n ** 64n - 1n,
        10n ** 33n,
      ),
    )
    .map((value) => same(value.toString()));
  const float = fc
    .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, noDefaultInfinity: true }))
    .chain((value) =>
      fc.constantFrom(String(value), value.toExponential(), value.toExponential().toUpperCase(), value.toFixed(3)),
    )
    .filter((text) => /[.eE]/.test(text))
    .map((sent) => ({ sent, back: floatText(Number(sent)) }));
  const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => same(JSON.stringify(value)));
  const oddKey = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }).filter((name) => !name.includes('\0')),
    fc.constantFrom('', 'a.b', '.', '$set', '$', '$$ROOT', '__proto__', 'constructor', 'toString', '_id', '_bsontype'),
    fc.constantFrom('🦕', 'é', 'e\u0301', '0', '10', '-1', ' ', 'user', '$literal', '$numberLong', 'x[$ne]', '\u2028'),
  );
  const { value } = fc.letrec<{ value: Written; object: Written; list: Written }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('null', 'true', 'false').map(same),
      integer,
      float,
      text,
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }).map((items) => joined('[', items, ']')),
    object: fc
      .uniqueArray(fc.tuple(oddKey, tie('value')), { maxLength: 4, selector: ([name]) => name })
      .map((pairs) => dictOf(pairs)),
  }));

  describe('numbers come back exactly as they were sent', () => {
    it('an integer of up to 34 digits, digit for digit', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(integer, { minLength: 20, maxLength: 60 }), (items) =>
          expectKept(dictOf([['numbers', joined('[', items, ']')]])),
        ),
        { numRuns: 40 },
      );
    });

    it('a number with a fraction or an exponent as the nearest double, and as a float', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(float, { minLength: 20, maxLength: 60 }), (items) =>
          expectKept(dictOf([['numbers', joined('[', items, ']')]])),
        ),
        { numRuns: 40 },
      );
    });

    it.each([
      ['1', '1'],
      ['1.0', '1.0'],
      ['-0', '0'],
      ['-0.0', '-0.0'],
      ['0.0', '0.0'],
      ['-0e5', '-0.0'],
      ['1e3', '1000.0'],
      ['1E+3', '1000.0'],
      ['1e-7', '1e-7'],
      ['5e-324', '5e-324'],
      ['1e-400', '0.0'],
      ['1.7976931348623157e308', '1.7976931348623157e+308'],
      ['0.1000000000000000055', '0.1'],
      ['2147483648', '2147483648'],
      ['9007199254740993', '9007199254740993'],
      ['9007199254740993.0', '9007199254740992.0'],
      ['9223372036854775807', '9223372036854775807'],
      ['18446744073709551615', '18446744073709551615'],
      ['-18446744073709551616', '-18446744073709551616'],
      ['9999999999999999999999999999999999', '9999999999999999999999999999999999'],
      ['-9999999999999999999999999999999999', '-9999999999999999999999999999999999'],
      ['1000000000000000000000000000000000', '1000000000000000000000000000000000'],
    ])('%s is %s', async (sent, back) => {
      await expectKept({ sent: `{"a":${sent}}`, back: `{"a":${back}}` });
    });

    it.each(['NaN', 'Infinity', '-Infinity'])('%s is 400 that suggests null', async (word) => {
      await expectRefused(`{"a":1,"b":${word}}`, /null/);
      await expectRefused(`{"a":[{"b":${word}}]}`, /null/);
    });

    it('an integer of 35 digits is 400 that says why', async () => {
      await expectRefused(`{"a":1,"b":${'1'.repeat(35)}}`, /35 digits/);
      await expectRefused(`{"a":1,"b":-${'1'.repeat(35)}}`, /35 digits/);
      await expectRefused(`{"a":1,"b":${'1'.repeat(100_000)}}`, /digits/);
    });

    it('a number beyond the range of a double is 400 that says why', async () => {
      await expectRefused('{"a":1,"b":1e400}', /range of a double/);
      await expectRefused('{"a":1,"b":-1.8e308}', /range of a double/);
    });

    it.each(['01', '+1', '.5', '1.', '0x10', '1_000', '--1', '1e', 'nan', 'inf'])(
      '%s, which is no JSON, is 400',
      (number) => expectRefused(`{"a":1,"b":${number}}`, /JSON/),
    );
  });

  describe('keys come back as they were sent', () => {
    it('any that JSON allows, in their order, at any level', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(oddKey, { minLength: 1, maxLength: 12 }), async (names) => {
          const inner = dictOf(names.map((name, index) => [name, same(String(index))]));
          await expectKept(dictOf(names.map((name) => [name, inner])));
        }),
        { numRuns: 60 },
      );
    });

    it('each is data: an update of a.b, $set or __proto__ leaves every other key alone', async () => {
      const jobId = freshJob();
      await update(jobId, '{"a":{"b":1},"c":2}');
      const answer = await update(
        jobId,
        '{"a.b":3,"$set":{"c":4},"$unset":"c","__proto__":{"c":5},"slurm.job_id":"6"}',
      );
      expect(answer.text).toBe(
        '{"a":{"b":1},"c":2,"a.b":3,"$set":{"c":4},"$unset":"c","__proto__":{"c":5},"slurm.job_id":"6"}',
      );
    });

    it('a value that looks like an operator or an expression of the database is data', async () => {
      for (const pairs of [
        '{"a":"$user","b":"$$ROOT","c":{"$add":[1,2]},"d":{"$numberLong":"5"},"e":{"$oid":"x"},"f":"$$REMOVE"}',
        '{"_bsontype":"Int32","value":5}',
        '{"a":{"_bsontype":"ObjectId","id":"x"}}',
        '{"$literal":{"$literal":1}}',
      ]) {
        await expectKept(same(pairs));
      }
    });

    it('of a key given twice the last counts', async () => {
      await expectKept({ sent: '{"a":1,"b":2,"a":3}', back: '{"a":3,"b":2}' });
      await expectKept({ sent: '{"a":{"x":1,"x":2}}', back: '{"a":{"x":2}}' });
    });

    it('a NUL in a key is 400, at any level', async () => {
      await expectRefused('{"ok":1,"a\\u0000b":2}', /NUL/);
      await expectRefused('{"ok":1,"a":[{"\\u0000":2}]}', /NUL/);
    });

    it('half a surrogate pair is 400, in a key and in a value', async () => {
      await expectRefused('{"ok":1,"\\ud83e":2}', /surrogate/);
      await expectRefused('{"ok":1,"a":"\\udd95\\ud83e"}', /surrogate/);
      await expectKept({ sent: '{"\\ud83e\\udd95":"\\ud83e\\udd95"}', back: '{"🦕":"🦕"}' });
    });
  });

  describe('values come back as they were sent', () => {
    it('any that JSON allows, nested as they are', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.tuple(oddKey, value), { maxLength: 6, selector: ([name]) => name }),
          (pairs) => expectKept(dictOf(pairs)),
        ),
        { numRuns: 120 },
      );
    });

    it('texts with every control character, NUL included', async () => {
      const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('');
      await expectKept(same(JSON.stringify({ text: `${controls}"\\/\u007f\u2028\u2029` })));
    });

    it('the same from a form, a query string and a string that holds them', async () => {
      const pairs = '{"a.b":1.0,"seed":18446744073709551615,"🦕":"+ & = %","n":{"$x":[-0.0,null]}}';
      const send = { method: 'PUT', key };
      const path = '/jobs/user_dict_update';
      for (const answer of [
        await service.request(path, { ...send, form: { job_id: freshJob(), update_pairs: pairs } }),
        await service.request(
          `${path}?${new URLSearchParams({ job_id: freshJob(), update_pairs: pairs }).toString()}`,
          send,
        ),
        await service.request(path, { ...send, json: { job_id: freshJob(), update_pairs: pairs } }),
      ]) {
        expect(answer.text).toBe(pairs);
      }
    });

    it('the same in jobs/list and in an export', async () => {
      const pairs = '{"a.b":1.0,"seed":18446744073709551615,"__proto__":-0.0}';
      const jobId = freshJob();
      await update(jobId, pairs);
      const inList = (await service.request('/jobs/list', { key })).text.split('{"slurm":');
      expect(inList.find((job) => job.includes(`"job_id":"${jobId}"`))).toContain(`"user":${pairs}`);
      const exported = (await service.cli(['export', 'jobs'])).stdout.split('\n');
      expect(exported.find((job) => job.includes(`"job_id":"${jobId}"`))).toContain(`"user":${pairs}`);
    });
  });
});

/** The shortest digits that read back as the same double, always with a point or an exponent. */
function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function joined(open: string, items: readonly Written[], close: string): Written {
  return {
    sent: `${open} ${items.map(({ sent }) => sent).join(' ,\n')}${close}`,
    back: `${open}${items.map(({ back }) => back).join(',')}${close}`,
  };
}

function dictOf(pairs: readonly (readonly [name: string, value: Written])[]): Written {
  const items = pairs.map(([name, { sent, back }]) => ({
    sent: `${JSON.stringify(name)} : ${sent}`,
    back: `${JSON.stringify(name)}:${back}`,
  }));
  return joined('{', items, '}');
}

import fc from '../../test/support/seeded-fast-check.js';
import { BSON, Int32, Long } from 'mongodb';
import { NO_NAMES, type UserNames } from '#libs/auth';
import { isFieldError } from '#libs/common';
import { fromPlainJson, type JsonObject, type PlainJson } from '#libs/json';
import {
  attemptOf,
  contentHash,
  cwPart,
  derivedPart,
  identityOf,
  keyOf,
  nameList,
  progressOf,
} from './job-document.js';
import type { JobInput } from './job-input.js';
import { jobInput } from './job-record.js';
import { END_OPEN } from './job.schema.js';

const ADA: UserNames = {
  cc_account_username: 'ada',
  mila_cluster_username: 'ada',
  mila_email_username: 'ada@example.org',
};

function job(slurm: Record<string, PlainJson>, more: Record<string, PlainJson> = {}): JobInput {
  const needed = { cluster_name: 'mila', job_id: '5', job_state: 'RUNNING' };
  const input = jobInput(fromPlainJson({ slurm: { ...needed, ...slurm }, ...more }) as JsonObject);
  if (isFieldError(input)) throw new Error(`${input.field}: ${input.message}`);
  return input;
}

describe('what a job is known by', () => {
  it('is its cluster and job id', () => {
    expect(keyOf(job({ job_id: '7', cluster_name: 'beluga' }))).toEqual({ cluster: 'beluga', jobId: '7' });
  });

  it.each<[Record<string, PlainJson>, object]>([
    [{}, { submitted: null, restarts: null, uid: null }],
    [
      { submit_time: 'Unknown', restart_count: null },
      { submitted: null, restarts: null, uid: null },
    ],
    [
      { submit_time: '2020-02-04T03:22:55-05:00', restart_count: 2, uid: 1000 },
      { submitted: Date.UTC(2020, 1, 4, 8, 22, 55), restarts: 2, uid: '1000' },
    ],
  ])('and of %j %j', (slurm, identity) => {
    expect(identityOf(job(slurm))).toMatchObject(identity);
  });
});

describe('contentHash', () => {
  it('is the same for the same record, whatever its dict', () => {
    expect(contentHash(job({ name: 'a' }, { user: { a: 1 } }))).toBe(
      contentHash(job({ name: 'a' }, { user: { b: 2 } })),
    );
  });

  it('is the same whatever the priority, which goes up by itself', () => {
    const waiting = job({ priority: 1 });
    expect(contentHash(waiting)).toBe(contentHash(job({ priority: 2 })));
    expect(contentHash(waiting)).toBe(contentHash(job({})));
    expect(waiting.slurm.get('priority')).toMatchObject({ value: 1 });
  });

  it.each<[string, JobInput]>([
    ['state', job({ job_state: 'COMPLETED' })],
    ['field', job({ name: 'a' })],
    ['field that is null', job({ name: null })],
    ['name', job({}, { cw: { mila_email_username: 'ada@example.org' } })],
    ['attempt', job({}, { cw: { attempts: [{ submit_time: 'Unknown' }] } })],
  ])('is another for another %s', (_, input) => {
    expect(contentHash(input)).not.toBe(contentHash(job({})));
  });

  it('tells 1 from 1.0 and from "1"', () => {
    const hashes = [new Int32(1), Long.fromNumber(1), new BSON.Double(1), '1'].map((value) =>
      contentHash({ slurm: new Map([['x', value]]), given: NO_NAMES, attempts: [], user: null }),
    );
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('progressOf', () => {
  it.each<[Record<string, PlainJson>, object]>([
    [{ job_state: 'PENDING' }, { ended: false, live: true }],
    [{ job_state: 'RUNNING' }, { ended: false, live: true }],
    [{ job_state: 'COMPLETING' }, { ended: false, live: true }],
    [{ job_state: 'DREAMING' }, { ended: false, live: true }],
    [
      { job_state: 'PENDING', state_flags: ['REQUEUED'] },
      { ended: false, live: true },
    ],
    [
      { job_state: 'FAILED', state_flags: ['COMPLETING'] },
      { ended: true, live: true },
    ],
    [
      { job_state: 'FAILED', state_flags: ['LAUNCH_FAILED'] },
      { ended: true, live: false },
    ],
    [{ job_state: 'COMPLETED' }, { ended: true, live: false }],
  ])('of %j is %j', (slurm, progress) => {
    expect(progressOf(job(slurm))).toEqual(progress);
  });
});

describe('cwPart', () => {
  it('has the three names in one order, the phase, the outcome and the attempts', () => {
    const cw = cwPart(job({ job_state: 'TIMEOUT' }), ADA, [1]);
    expect(JSON.stringify(cw)).toBe(
      '{"cc_account_username":"ada","mila_cluster_username":"ada","mila_email_username":"ada@example.org","phase":"finished","outcome":"timeout","attempts":[1]}',
    );
  });

  it.each<[Record<string, PlainJson>, string, string | null]>([
    [{ job_state: 'PENDING' }, 'pending', null],
    [{ job_state: 'COMPLETING' }, 'running', null],
    [{ job_state: 'CANCELLED by 5' }, 'finished', 'cancelled'],
    [{ job_state: ['COMPLETING', 'FAILED'] }, 'finished', 'failed'],
    [{ job_state: 'LAUNCH_FAILED', state_flags: ['REQUEUED'] }, 'pending', null],
    [{ job_state: 'LAUNCH_FAILED', state_flags: 'REQUEUED' }, 'unknown', null],
    [{ job_state: 'HIBERNATED' }, 'unknown', null],
  ])('%j is %s, %s', (slurm, phase, outcome) => {
    expect(cwPart(job(slurm), NO_NAMES, [])).toMatchObject({ phase, outcome });
  });
});

describe('derivedPart', () => {
  it('holds proper types', () => {
    const slurm = {
      job_id: '820432',
      job_state: 'COMPLETED',
      submit_time: '2020-02-04T03:22:55-05:00',
      end_time: '2020-02-04T04:22:55-05:00',
      partition: 'main,long,',
    };
    expect(derivedPart(job(slurm), ADA)).toEqual({
      submitted: new Date('2020-02-04T08:22:55Z'),
      ended: new Date('2020-02-04T09:22:55Z'),
      job_number: Long.fromNumber(820432),
      names: ['ada', 'ada@example.org'],
      partitions: ['main', 'long'],
    });
  });

  it.each(['PENDING', 'RUNNING', 'COMPLETING', 'REQUEUED', 'HIBERNATED'])('a job that is %s has not ended', (state) => {
    expect(derivedPart(job({ job_state: state, end_time: '2020-02-04T04:22:55Z' }), NO_NAMES)['ended']).toBe(END_OPEN);
  });

  it.each([undefined, null, 'Unknown'])('a finished job whose end is %s is kept by every time filter', (end) => {
    const slurm = { job_state: 'FAILED', ...(end === undefined ? {} : { end_time: end }) };
    expect(derivedPart(job(slurm), NO_NAMES)['ended']).toBe(END_OPEN);
  });

  it('has the number of any job id', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (id) => {
        const number = derivedPart(job({ job_id: String(id) }), NO_NAMES)['job_number'] as Long;
        expect(number.toBigInt()).toBe(id);
      }),
    );
  });
});

describe('nameList', () => {
  it('has each name once', () => {
    expect(nameList(ADA)).toEqual(['ada', 'ada@example.org']);
    expect(nameList(NO_NAMES)).toEqual([]);
  });
});

describe('attemptOf', () => {
  it('keeps how far the attempt had come', () => {
    const slurm = {
      cluster_name: 'mila',
      job_id: '5',
      restart_count: 1,
      submit_time: '2020-02-04T03:22:55-05:00',
      start_time: '2020-02-04T03:23:55-05:00',
      end_time: 'Unknown',
      job_state: 'RUNNING',
      state_reason: null,
      nodes: 'cn-a001',
      user: {},
    };
    expect(attemptOf(slurm)).toEqual({
      restart_count: new Int32(1),
      submit_time: '2020-02-04T03:22:55-05:00',
      start_time: '2020-02-04T03:23:55-05:00',
      end_time: 'Unknown',
      job_state: 'RUNNING',
      state_reason: null,
      exit_code: null,
      nodes: 'cn-a001',
    });
  });
});

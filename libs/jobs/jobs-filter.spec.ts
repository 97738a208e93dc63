import fc from 'fast-check';
import type { Caller } from '#libs/auth';
import { QueryPipe, RawQuery } from '#libs/common';
import { JOB_OUTCOMES, JOB_PHASES, JOB_STATES } from '#libs/slurm';
import { END_OPEN } from './job.schema.js';
import { jobFilter, listFilterAt } from './jobs-filter.js';
import { JobsListQuery } from './jobs.queries.js';

const NOW = new Date('2024-05-06T07:08:09.250Z');
const ANYONE: Caller = {
  mila_email_username: 'ada@example.org',
  mila_cluster_username: 'ada',
  cc_account_username: null,
  admin: false,
  clusters: null,
};

/** The filter of a request as it came. */
function filterOf(queryString: string, caller: Caller = ANYONE) {
  const query = new QueryPipe().transform(new RawQuery(queryString), { type: 'query', metatype: JobsListQuery });
  return listFilterAt(caller, query as JobsListQuery, NOW);
}

describe('listFilterAt', () => {
  it.each<[string, object]>([
    ['', {}],
    ['page=2&page=3', {}],
    ['user=ada', { 'derived.names': { $in: ['ada'] } }],
    ['username=ada', { 'derived.names': { $in: ['ada'] } }],
    ['user=ada,bob', { 'derived.names': { $in: ['ada', 'bob'] } }],
    ['user=Ada', { 'derived.names': { $in: ['Ada'] } }],
    ['user=Ada@Example.org', { 'derived.names': { $in: ['Ada@Example.org', 'ada@example.org'] } }],
    ['cluster_name=mila,beluga', { 'slurm.cluster_name': { $in: ['mila', 'beluga'] } }],
    ['job_state=running,OUT_OF_MEMORY', { 'slurm.job_state': { $in: ['RUNNING', 'OUT_OF_MEMORY'] } }],
    ['phase=Running', { 'cw.phase': { $in: ['running'] } }],
    ['outcome=FAILED,timeout', { 'cw.outcome': { $in: ['failed', 'timeout'] } }],
    ['partition=main,long', { 'derived.partitions': { $in: ['main', 'long'] } }],
    ['account=mila', { 'slurm.account': { $in: ['mila'] } }],
    ['array_job_id=235', { 'slurm.array_job_id': '235' }],
    ['time=60', { 'derived.ended': { $gte: new Date('2024-05-06T07:07:09.250Z') } }],
    ['relative_time=0', { 'derived.ended': { $gte: NOW } }],
    ['time=007', { 'derived.ended': { $gte: new Date('2024-05-06T07:08:02.250Z') } }],
    [
      'user=ada&time=0&cluster_name=mila&phase=finished',
      {
        'derived.names': { $in: ['ada'] },
        'derived.ended': { $gte: NOW },
        'slurm.cluster_name': { $in: ['mila'] },
        'cw.phase': { $in: ['finished'] },
      },
    ],
  ])('%j', (queryString, filter) => {
    expect(filterOf(queryString)).toEqual(filter);
  });

  it.each([
    '%2B5',
    '+5',
    '1e3',
    '1.5',
    'abc',
    '',
    '-1',
    '-0',
    '0x10',
    ' 5',
    '5 ',
    '5s',
    'Infinity',
    'NaN',
    '٣',
    '1,2',
    '1_000',
  ])('refuses the time %j', (time) => {
    expect(() => filterOf(`time=${time}`)).toThrow(/^time: /);
    expect(() => filterOf(`relative_time=${time}`)).toThrow(/time: /);
  });

  it('takes any integer number of seconds, and drops what ended more than that long ago', () => {
    const seconds = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 6n }), fc.bigInt({ min: 0n, max: 10n ** 400n }));
    const ended = fc.date({ noInvalidDate: true });
    fc.assert(
      fc.property(seconds, ended, (time, end) => {
        const { $gte } = filterOf(`time=${String(time)}`)['derived.ended'] as { $gte: Date };
        expect(Number.isNaN($gte.getTime())).toBe(false);
        const age = BigInt(NOW.getTime()) - BigInt(end.getTime());
        expect(end >= $gte).toBe(age <= time * 1000n);
        // A job without an end is always kept.
        expect(END_OPEN >= $gte).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['job_state=SLEEPING', /^job_state: takes names of Slurm states/],
    ['job_state=RUNNING,SLEEPING', /^job_state: /],
    ['job_state=CANCELLED by 5', /^job_state: /],
    ['phase=done', /^phase: takes pending, running, finished, unknown\.$/],
    ['outcome=success', /^outcome: takes completed, /],
    ['outcome=null', /^outcome: /],
    ['phase=', /^phase: was given, but is empty/],
    ['array_job_id=', /^array_job_id: was given, but is empty/],
    ['user=ada&user=ada', /^user: was given more than once/],
    ['user=ada&username=bob', /^username and user are two names/],
    ['time=5&relative_time=6', /^relative_time and time are two names/],
    ['user[$ne]=x', /^user: takes a plain value/],
    ['user[]=x', /^user: takes a plain value/],
    ['cluster_name[$in][]=x', /^cluster_name: takes a plain value/],
  ])('refuses %j', (queryString, message) => {
    expect(() => filterOf(queryString)).toThrow(message);
  });

  it.each([
    ['job_state', JOB_STATES],
    ['phase', JOB_PHASES],
    ['outcome', JOB_OUTCOMES],
  ])('takes every %s, in any case', (name, values) => {
    expect(filterOf(`${name}=${values.join().toUpperCase()}`)).toEqual(
      filterOf(`${name}=${values.join().toLowerCase()}`),
    );
  });

  it.each<[string[] | null, string, unknown]>([
    [null, '', undefined],
    [['mila'], '', { $in: ['mila'] }],
    [['mila'], 'cluster_name=mila,beluga', { $in: ['mila'] }],
    [['mila'], 'cluster_name=beluga', { $in: [] }],
    [[], '', { $in: [] }],
  ])('shows a caller who may see %j, asking %j, these clusters: %j', (clusters, queryString, condition) => {
    for (const admin of [false, true]) {
      const caller = { ...ANYONE, admin, clusters };
      expect(filterOf(queryString, caller)['slurm.cluster_name']).toEqual(condition);
    }
  });
});

describe('jobFilter', () => {
  it('is about the clusters asked for that the caller may see', () => {
    const caller = { ...ANYONE, clusters: ['mila', 'beluga'] };
    expect(jobFilter(caller, '235_7', { cluster_name: ['mila', 'cedar'] })).toEqual({
      'slurm.cluster_name': { $in: ['mila'] },
      'slurm.array_job_id': '235',
      'slurm.array_task_id': 7,
    });
    expect(jobFilter(ANYONE, '5', {})).toEqual({ 'slurm.job_id': '5' });
  });
});

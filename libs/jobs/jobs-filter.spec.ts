import fc from '../../test/support/seeded-fast-check.js';
import type { Caller } from '#libs/auth';
import { QueryPipe, RawQuery } from '#libs/common';
import { JOB_OUTCOMES, JOB_PHASES, JOB_STATES } from '#libs/slurm';
import { END_OPEN } from './job.schema.js';
import { earliestEnd, jobFilter, listFilterAt, sameFilters } from './jobs-filter.js';
import { JobsListQuery } from './jobs.queries.js';

const NOW = new Date('2024-05-06T07:08:09.250Z');
const ANYONE: Caller = {
  mila_email_username: 'ada@example.org',
  mila_cluster_username: 'ada',
  cc_account_username: null,
  admin: false,
  keyId: '0123456789abcdef',
  scope: 'all',
  clusters: null,
};

function read(queryString: string): JobsListQuery {
  const query = new QueryPipe().transform(new RawQuery(queryString), { type: 'query', metatype: JobsListQuery });
  return query as JobsListQuery;
}

/** The filter of a request as it came. */
function filterOf(queryString: string, caller: Caller = ANYONE) {
  return listFilterAt(caller, read(queryString), NOW);
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

describe('earliestEnd', () => {
  it('matters only where a time is asked for', () => {
    expect(earliestEnd(read('user=ada'), NOW)).toBeNull();
    expect(earliestEnd(read('time=0'), NOW)).toEqual(NOW);
    expect(earliestEnd(read('relative_time=60'), NOW)).toEqual(new Date('2024-05-06T07:07:09.250Z'));
  });

  it('is never before the first instant that there is', () => {
    for (const time of ['8650000000000', '9'.repeat(16), '9'.repeat(400)]) {
      expect(earliestEnd(read(`time=${time}`), NOW)).toEqual(new Date(-8.64e15));
    }
  });
});

describe('sameFilters', () => {
  const lists: Record<string, readonly string[]> = {
    cluster_name: ['mila', 'beluga', 'Mila', 'é', '😀'],
    user: ['ada', 'Ada', 'ada@example.org', 'bob@example.org'],
    job_state: ['RUNNING', 'PENDING', 'CANCELLED'],
    phase: JOB_PHASES,
    outcome: JOB_OUTCOMES,
    partition: ['main', 'long'],
    account: ['a', 'b'],
  };
  const single = { time: ['0', '60', '007'], array_job_id: ['5', '05'] };
  /** The filters of a request: of each parameter the values, in one order. */
  const arbitraryFilters = fc.record(
    {
      ...Object.fromEntries(
        Object.entries(lists).map(([name, values]) => [name, fc.subarray([...values], { minLength: 1 })]),
      ),
      ...Object.fromEntries(
        Object.entries(single).map(([name, values]) => [name, fc.constantFrom(...values).map((value) => [value])]),
      ),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, string[]>>;

  const ALIASES: Record<string, string> = { user: 'username', time: 'relative_time' };
  const ANY_CASE = new Set(['job_state', 'phase', 'outcome']);
  const sent = (pairs: readonly (readonly [string, string])[]) => {
    return sameFilters(
      read(new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString()),
    );
  };
  const plainly = (filters: Record<string, string[]>) => {
    return sent(Object.entries(filters).map(([name, values]) => [name, values.join()] as const));
  };

  /** The same request as somebody else may write it. */
  function otherwise(filters: Record<string, string[]>, choose: (among: number) => number): [string, string][] {
    const shuffled = <T>(items: readonly T[]): T[] => {
      return items
        .map((item) => ({ item, at: choose(1000) }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item);
    };
    const pairs = Object.entries(filters).map(([name, values]): [string, string] => {
      const written = shuffled([...values, ...values.slice(0, choose(3))]).map((value) => {
        return ANY_CASE.has(name) || value.includes('@') ? recased(value, choose) : value;
      });
      const alias = ALIASES[name];
      const list = name === 'time' || name === 'array_job_id' ? values : written;
      return [alias !== undefined && choose(2) === 0 ? alias : name, list.join()];
    });
    const beside: [string, string][] = [
      ['limit', '5'],
      ['after', 'xyz'],
      ['fields', 'cw,slurm.job_id'],
      ['unknown', 'x'],
    ];
    return shuffled([...pairs, ...beside.filter(() => choose(2) === 0)]);
  }

  function recased(value: string, choose: (among: number) => number): string {
    return Array.from(value, (character) => (choose(2) === 0 ? character.toUpperCase() : character.toLowerCase())).join(
      '',
    );
  }

  it('is the same however the same filters are written, with whatever page and fields', () => {
    fc.assert(
      fc.property(arbitraryFilters, fc.infiniteStream(fc.nat()), (filters, choices) => {
        const choose = (among: number) => choices.next().value % among;
        expect(sent(otherwise(filters, choose))).toEqual(plainly(filters));
      }),
      { numRuns: 500 },
    );
  });

  it('is another for other filters', () => {
    const same = (values: string[] | undefined) =>
      JSON.stringify(values?.map((value) => value.replace(/^00/, '')).sort());
    const names = [...Object.keys(lists), ...Object.keys(single)];
    fc.assert(
      fc.property(arbitraryFilters, arbitraryFilters, fc.constantFrom(...names), (one, another, name) => {
        const rest = Object.fromEntries(Object.entries(one).filter(([each]) => each !== name));
        const other = another[name] === undefined ? rest : { ...rest, [name]: another[name] };
        const isSame = same(one[name]) === same(another[name]);
        const forms = [one, other].map((filters) => JSON.stringify(plainly(filters)));
        expect(forms[0] === forms[1]).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['user=ada', 'user=Ada'],
    ['user=ada', 'account=ada'],
    ['cluster_name=mila', ''],
    ['cluster_name=a', 'cluster_name=a,b'],
    ['time=0', ''],
    ['array_job_id=5', 'array_job_id=05'],
    ['phase=unknown', 'outcome=unknown'],
  ])('tells %j from %j', (one, other) => {
    expect(sameFilters(read(one))).not.toEqual(sameFilters(read(other)));
  });
});

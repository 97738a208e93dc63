import { strict as assert } from 'node:assert';
import 'reflect-metadata';
import { decodePairs, Problem, RawQuery, QueryPipe } from '#libs/common';
import { JobOneQuery, JobsListQuery } from '../../../libs/jobs/jobs.queries.js';
import type { FuzzTarget } from '../target.ts';

const pipe = new QueryPipe();

/** A query string is read or refused with 400; what is read does not depend on how it was written. */
export const target: FuzzTarget = {
  seeds: () =>
    [
      '',
      'user=ada,bob&cluster_name=mila&time=86400&limit=10',
      'job_state=RUNNING,pending&phase=running&outcome=failed&partition=main&account=def-ada&array_job_id=19',
      'fields=slurm.job_id,cw,user.loss&after=abc',
      'username=%C3%A9+%20&relative_time=5',
      'job_id=19_1',
      'user[$ne]=&unknown=1',
    ].map((text) => Buffer.from(text)),
  words: [
    'user=',
    'username=',
    'time=',
    'relative_time=',
    'limit=',
    'fields=',
    'job_id=',
    '&',
    '%00',
    '%2C',
    '%ff',
    '[$ne]',
    '1e3',
  ],
  run: (input) => {
    // One character a byte, as Node has a request's target.
    const text = Buffer.from(input).toString('latin1');
    for (const query of [JobsListQuery, JobOneQuery]) {
      const answer = read(query, text);
      if (answer === 'refused') continue;
      const encoded = decodePairs(text).map((pair) => pair.map(encodeURIComponent).join('='));
      assert.deepEqual(read(query, encoded.join('&')), answer);
      assert.deepEqual(read(query, ['other=1', ...encoded, 'another=2', 'another=3'].join('&')), answer);
    }
  },
};

function read(query: new () => object, text: string): unknown {
  try {
    return { ...(pipe.transform(new RawQuery(text), { type: 'query', metatype: query }) as object) };
  } catch (error) {
    if (!(error instanceof Problem && error.status === 400)) throw error;
    assert.ok(error.detail.isWellFormed(), 'the refusal is no Unicode');
    return 'refused';
  }
}

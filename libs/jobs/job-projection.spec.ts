import fc from '../../test/support/seeded-fast-check.js';
import type { Document } from 'mongodb';
import { jobProjection, PUBLIC_PARTS } from './job-projection.js';

const PARTS = ['slurm', 'cw', 'user'];
const ODD_KEYS = ['', 'a.b', '$set', '$', '.', '..', '0', 'é', '😀', 'a b', '-a', '__proto__', '$$ROOT', '_id'];
const key = fc.oneof(fc.constantFrom('job_id', 'name', 'phase', 'loss', 'a-b', 'A1'), fc.constantFrom(...ODD_KEYS));
const field = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...PARTS) },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...PARTS), key).map((path) => path.join('.')) },
);
const part = fc.uniqueArray(key, { maxLength: 8 }).map((keys) => new Map(keys.map((name, value) => [name, value])));
const job = fc.record({ slurm: part, cw: part, user: part });
type JobParts = Record<string, Map<string, number>>;

describe('jobProjection', () => {
  it('shows the public parts where nothing is asked for', () => {
    expect(jobProjection(undefined)).toEqual(PUBLIC_PARTS);
    expect(PUBLIC_PARTS).toEqual({ _id: 0, slurm: 1, cw: 1, user: 1 });
  });

  it.each<[string[], Document]>([
    [['slurm'], { _id: 0, slurm: 1 }],
    [['user', 'slurm'], { _id: 0, slurm: 1, user: 1 }],
    [['slurm.job_id', 'slurm.name'], { _id: 0, 'slurm.job_id': 1, 'slurm.name': 1 }],
    [['cw.phase', 'slurm', 'slurm.job_id'], { _id: 0, slurm: 1, 'cw.phase': 1 }],
  ])('of %j is made of plain paths', (fields, projection) => {
    expect(jobProjection(fields)).toEqual(projection);
  });

  it.each([['a.b'], ['$set'], [''], ['é'], ['a', 'a.b']])(
    'compares keys that no path can name as text: %j',
    (...keys) => {
      expect(jobProjection(keys.map((name) => `user.${name}`))).toEqual({
        _id: 0,
        user: {
          $arrayToObject: {
            $filter: { input: { $objectToArray: '$user' }, cond: { $in: ['$$this.k', { $literal: keys }] } },
          },
        },
      });
    },
  );

  it('leaves of a job exactly what is asked for and is there', () => {
    fc.assert(
      fc.property(job, fc.uniqueArray(field, { minLength: 1, maxLength: 8 }), (stored, fields) => {
        const expected = PARTS.filter((name) => fields.some((each) => each.split('.', 1)[0] === name)).map((name) => {
          const all = [...stored[name as keyof typeof stored]];
          return [name, all.filter(([item]) => fields.includes(name) || fields.includes(`${name}.${item}`))];
        });
        expect(projected(stored, jobProjection(fields))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

/**
 * What MongoDB makes of a job by such a projection: its parts, each with its entries. What it takes as it stands keeps its
 * order, and what it works out comes behind that.
 */
function projected(stored: JobParts, { _id, ...projection }: Document): [string, [string, number][]][] {
  expect(_id).toBe(0);
  const paths = Object.entries(projection).flatMap(([path, value]) => (value === 1 ? [path] : []));
  // Paths of one or two, of keys that every server takes.
  for (const path of paths) expect(path).toMatch(/^(slurm|cw|user)(\.[A-Za-z_][\w-]*)?$/);
  const taken = PARTS.filter((part) => paths.some((path) => path.split('.', 1)[0] === part)).map(
    (part): [string, [string, number][]] => {
      const entries = [...(stored[part] ?? [])];
      return [part, entries.filter(([name]) => paths.includes(part) || paths.includes(`${part}.${name}`))];
    },
  );
  const workedOut = Object.entries(projection)
    .filter(([, value]) => value !== 1)
    .map(([part, value]): [string, [string, number][]] => [part, evaluated(stored, part, value)]);
  return [...taken, ...workedOut];
}

function evaluated(stored: JobParts, part: string, expression: unknown): [string, number][] {
  const entries = [...(stored[part] ?? [])];
  if (expression === `$${part}`) return entries;
  const { input, cond } = ((expression as Document)['$arrayToObject'] as Document)['$filter'] as Document;
  expect(input).toEqual({ $objectToArray: `$${part}` });
  const [variable, { $literal: keys }] = (cond as { $in: [string, { $literal: string[] }] }).$in;
  expect(variable).toBe('$$this.k');
  return entries.filter(([name]) => keys.includes(name));
}

import { jobReader, type JobRecord } from '#libs/slurm';
import { LAYOUTS, type QueueMoment, SLURM_VERSIONS, squeueDocument } from './squeue-document.ts';

const JOBS = 450;

function textOf(queue: Partial<QueueMoment>): string {
  const defaults: QueueMoment = { version: '22.05', layout: 'indented', jobs: JOBS, moment: 0, changedAt: () => 0 };
  return [...squeueDocument({ ...defaults, ...queue })].join('');
}

function read(text: string): JobRecord[] {
  const reader = jobReader('controller-json', { timeZone: 'UTC' });
  const records = reader.take(Buffer.from(text));
  const { records: last, summary } = reader.end();
  expect(summary).toMatchObject({ records: JOBS, skippedCount: 0 });
  return [...records, ...last];
}

const ways = SLURM_VERSIONS.flatMap((version) => LAYOUTS.map((layout) => ({ version, layout })));

describe.each(ways)('the queue of $version, $layout', (way) => {
  it('has as many jobs as are wanted, each with an id of its own, and all live', () => {
    const records = read(textOf(way));
    expect(new Set(records.map(({ jobId }) => jobId)).size).toBe(JOBS);
    for (const { state } of records) expect(['PENDING', 'RUNNING']).toContain(state);
    expect(new Set(records.map(({ state }) => state)).size).toBe(2);
  });

  it('is laid out as wanted', () => {
    const text = textOf(way);
    expect(text.trimEnd().includes('\n')).toBe(way.layout === 'indented');
    const indentation = /\n( *)/.exec(text)?.[1];
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, indentation)}\n`);
  });

  it('changes from one moment to the next by what changes by itself, and by the jobs that are said to change', () => {
    const first = read(textOf(way));
    const second = read(textOf({ ...way, moment: 1, changedAt: (index) => (index % 100 === 7 ? 1 : 0) }));
    const changed = second.filter((record, index) => {
      expect(record.priority === first[index]?.priority).toBe(record.state === 'RUNNING');
      return JSON.stringify({ ...record, priority: null }) !== JSON.stringify({ ...first[index], priority: null });
    });
    expect(changed.map(({ jobId }) => Number(jobId) % 100)).toEqual([7, 7, 7, 7, 7]);
  });
});

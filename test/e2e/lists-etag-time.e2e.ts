import { setTimeout as sleep } from 'node:timers/promises';
import { type ByteAnswer, exchangeBytes, tagOf } from '../support/byte-exchange.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobRecord } from '../support/job-records.js';
import { NDJSON, type Representation } from '../support/list-representations.js';

const SECOND = 1_000;
/** Clocks are read a little before or after what they are read for. */
const BLUR_MS = 50;
const FORMS: Representation[] = [{}, { Accept: NDJSON }, { 'Accept-Encoding': 'gzip' }];

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('reader@example.org');
});

afterAll(() => service.stop());

function list(time: number, headers: Representation): Promise<ByteAnswer> {
  return exchangeBytes(service.url, `/jobs/list?time=${time}`, { key, headers });
}

/** An answer and when it was asked for and had. */
async function timed(answer: Promise<ByteAnswer>) {
  const asked = Date.now();
  return { answer: await answer, asked, had: Date.now() };
}

it('a list with time changes its tag when a job drops out of it, though nobody writes, and not before', async () => {
  const ended = Math.floor(Date.now() / SECOND) * SECOND;
  const finished = (job_id: string, at: number) =>
    jobRecord({
      slurm: { job_id, job_state: 'COMPLETED', end_time: new Date(at).toISOString().replace('.000Z', '+00:00') },
    });
  await service.load({
    jobs: [finished('1', ended), finished('2', ended + 4 * SECOND), finished('3', ended + 86_400 * SECOND)],
  });
  // The import took a while: the first job drops out about four seconds from now.
  const time = Math.ceil((Date.now() - ended) / SECOND) + 4;
  const firstDrop = ended + time * SECOND;
  const secondDrop = firstDrop + 4 * SECOND;
  await Promise.all(
    FORMS.map(async (form) => {
      let kept = await list(time, form);
      let unchanged = 0;
      const ids = (text: string) => [...text.matchAll(/"job_id":"(\d)"/g)].map(([, id]) => id);
      expect(ids(kept.text)).toEqual(['1', '2', '3']);
      const lengths: number[] = [];
      while (Date.now() < secondDrop + SECOND) {
        const { answer, asked, had } = await timed(list(time, { ...form, 'If-None-Match': tagOf(kept) }));
        if (answer.status === 200) kept = answer;
        else unchanged += 1;
        lengths.push(answer.status);
        const shown = ids(kept.text);
        if (asked > secondDrop + BLUR_MS) expect(shown).toEqual(['3']);
        else if (asked > firstDrop + BLUR_MS && had < secondDrop - BLUR_MS) expect(shown).toEqual(['2', '3']);
        else if (had < firstDrop - BLUR_MS) expect(shown).toEqual(['1', '2', '3']);
        await sleep(20);
      }
      // While no job drops out the tag is good: two changes, each seen once.
      expect(lengths.filter((status) => status === 200)).toHaveLength(2);
      expect(unchanged).toBeGreaterThan(10);
    }),
  );
});

it('of different times an equal tag is an equal body', async () => {
  const lists = await Promise.all([0, 1, 100_000, 1_000_000].map((time) => list(time, {})));
  const bodies = new Map<string, string>();
  for (const answer of lists) {
    expect(bodies.get(tagOf(answer)) ?? answer.text).toBe(answer.text);
    bodies.set(tagOf(answer), answer.text);
  }
});

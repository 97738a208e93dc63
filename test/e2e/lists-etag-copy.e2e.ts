import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchangeBytes, tagOf } from '../support/byte-exchange.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { longList } from '../support/long-list.js';

const PATIENCE_MS = 120_000;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clockwork-copy-'));
});

afterAll(() => rm(directory, { recursive: true }));

test(
  'a copy of the data directory that is put back counts anew, but gives no tag that stood for something else',
  async () => {
    const data = join(directory, 'data');
    const copy = join(directory, 'copy');
    const on = { MONGODB_URI: '', CLOCKWORK_DATA_DIR: data };
    const running = async <T>(work: (service: ClockworkService) => Promise<T>): Promise<T> => {
      const service = await startService(on);
      try {
        return await work(service);
      } finally {
        await service.stop();
      }
    };
    const list = (service: ClockworkService, headers: Record<string, string> = {}) =>
      exchangeBytes(service.url, `${BASE}/jobs/list`, { key, headers });
    // More than one answer of the database holds: the tag is that of the version alone.
    const jobs = longList(3_000);
    const [first, second] = [{ jobs: [named(jobs, 'first')] }, { jobs: [named(jobs, 'second')] }];

    const key = await running(async (service) => {
      await service.load({ jobs });
      return service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
    });
    await cp(data, copy, { recursive: true });
    const before = await running(async (service) => {
      await service.load(first);
      return list(service);
    });
    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });
    await running(async (service) => {
      await service.load(second);
      const after = await list(service, { 'If-None-Match': tagOf(before) });
      expect(after.status).toBe(200);
      expect(after.text).toContain('"name":"second"');
      expect((await list(service, { 'If-None-Match': tagOf(after) })).status).toBe(304);
    });
  },
  PATIENCE_MS,
);

function named(jobs: ReturnType<typeof longList>, name: string): object {
  const [job] = jobs;
  return { ...job, slurm: { ...job?.slurm, name } };
}

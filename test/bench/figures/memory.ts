import {
  type Bench,
  changeList,
  type FigureGroup,
  readOnce,
  request,
  roundsOf,
  type Site,
  withFreshApi,
} from '../bench.ts';
import { HttpConnection } from '../clients/http-connection.ts';
import { peakDuring, residentBytes, settledBytes } from '../clients/process-statistics.ts';
import { figure, type Figure, type Outcome } from '../figure.ts';
import { interleaved, type Measurement } from '../rounds.ts';
import { thousands } from '../thousands.ts';

const GROUP = 'memory';
const READERS = 8;
const STOPPED = 16;
const MIB = 1024 ** 2;

export const memory: FigureGroup = {
  name: GROUP,
  description: `memory with ${READERS} readers of the whole list, and with ${STOPPED} that have stopped`,
  async measure(bench) {
    if (process.platform !== 'linux') return described([bench.site], () => 'measured on Linux alone (/proc)');
    const sites = [bench.site, ...(bench.largeSite === null ? [] : [bench.largeSite])];
    const samples = new Map<string, number[]>();
    for (const site of sites) {
      const name = `memory at ${thousands(site.jobs)}`;
      const taken = await interleaved(bench.options.rounds, measurements(bench, site), roundsOf(bench, name));
      for (const [kind, values] of Object.entries(taken)) samples.set(`${kind} ${site.jobs}`, values);
    }
    return described(sites, (kind, site) => samples.get(`${kind} ${site.jobs}`) ?? 'not taken');
  },
};

function described(sites: readonly Site[], outcome: (kind: 'reading' | 'stopped', site: Site) => Outcome): Figure[] {
  return sites.flatMap((site) => {
    const of = `the list of ${thousands(site.jobs)}`;
    return [
      figure(
        GROUP,
        { title: `memory growth, ${READERS} clients reading ${of}`, unit: 'MiB', goal: { atMost: 64 } },
        outcome('reading', site),
      ),
      figure(
        GROUP,
        { title: `memory a reader that has stopped, ${of}`, unit: 'MiB', goal: { atMost: 4 } },
        outcome('stopped', site),
      ),
    ];
  });
}

function measurements(bench: Bench, site: Site): Record<'reading' | 'stopped', Measurement> {
  return {
    reading: () => withFreshApi(bench, site, (fresh) => growthWhileReading(bench, fresh)),
    stopped: () => withFreshApi(bench, site, (fresh) => growthOfStopped(bench, fresh)),
  };
}

/** What one reading has left behind is no growth. */
async function warmUp(bench: Bench, site: Site): Promise<number> {
  await readOnce(site.api.url, request(bench, '/jobs/list'));
  const base = await settledBytes(site.api.pid);
  await changeList(bench, site);
  return base;
}

async function growthWhileReading(bench: Bench, site: Site): Promise<number> {
  const base = await warmUp(bench, site);
  const readers = Array.from({ length: READERS }, () => readOnce(site.api.url, request(bench, '/jobs/list')));
  const peak = await peakDuring(site.api.pid, Promise.all(readers));
  return (peak - base) / MIB;
}

async function growthOfStopped(bench: Bench, site: Site): Promise<number> {
  const base = await warmUp(bench, site);
  const readers = await Promise.all(Array.from({ length: STOPPED }, () => HttpConnection.open(site.api.url)));
  await Promise.all(readers.map((reader) => reader.stopReading(request(bench, '/jobs/list'))));
  await settledBytes(site.api.pid);
  const bytes = await residentBytes(site.api.pid);
  for (const reader of readers) reader.close();
  return (bytes - base) / MIB / STOPPED;
}

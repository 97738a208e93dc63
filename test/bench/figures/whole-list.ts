import { type Bench, changeList, type FigureGroup, readOnce, request, roundsOf, type Site } from '../bench.ts';
import { type Figure, figure } from '../figure.ts';
import { ListReader, startPlainService } from '../processes/baseline-processes.ts';
import { interleaved, type Measurement } from '../rounds.ts';
import { ratios } from '../statistics.ts';
import { thousands } from '../thousands.ts';

const GROUP = 'list';
/** Lists before those that count: V8 compiles the code of each side for speed only when it has run for a while. */
const WARM_UPS = 3;

/** Milliseconds to the last byte, of each side. */
type Times = Record<'plain' | 'raw' | 'floor' | 'ours', number[]>;

export const wholeList: FigureGroup = {
  name: GROUP,
  description: 'the whole list against the baselines, and its first byte',
  async measure(bench) {
    const { times, firstBytes } = await measureAgainstAll(bench);
    const rate = (ms: readonly number[]) => ms.map((value) => (bench.site.jobs / value) * 1000);
    const all = `whole list of ${thousands(bench.site.jobs)} jobs`;
    const line = (title: string, samples: number[], goal?: Figure['goal']) =>
      figure(GROUP, { title, unit: '×', ...(goal && { goal }) }, samples);
    return [
      line(`${all}, speed against (a)`, ratios(times.plain, times.ours), { atLeast: 5 }),
      line(`${all}, speed against (b)`, ratios(times.raw, times.ours), { atLeast: 0.7 }),
      line(`${all}, speed against (c)`, ratios(times.floor, times.ours)),
      figure(
        GROUP,
        { title: 'its first byte, against the whole', unit: '%', goal: { atMost: 0.02 } },
        ratios(firstBytes, times.ours),
      ),
      figure(GROUP, { title: `${all}, Clockwork`, unit: 'jobs/s' }, rate(times.ours)),
      figure(GROUP, { title: `${all}, (a) plain service`, unit: 'jobs/s' }, rate(times.plain)),
      figure(GROUP, { title: `${all}, (b) raw cursor`, unit: 'jobs/s' }, rate(times.raw)),
      figure(GROUP, { title: `${all}, (c) wire floor`, unit: 'jobs/s' }, rate(times.floor)),
      ...(bench.largeSite === null ? [] : await largeList(bench, bench.largeSite)),
    ];
  },
};

async function measureAgainstAll(bench: Bench): Promise<{ times: Times; firstBytes: number[] }> {
  const { site } = bench;
  const plain = await startPlainService(site.uri, bench.database.directory);
  const raw = ListReader.start('raw-cursor', site.uri);
  const floor = ListReader.start('wire-floor', site.uri);
  const ours = listMeasurement(bench, site);
  const measurements = {
    plain: async () => (await readOnce(plain.url, { path: '/list' })).lastByteMs,
    raw: async () => (await raw.read()).ms,
    floor: async () => (await floor.read()).ms,
    ours: ours.measure,
  };
  await interleaved(WARM_UPS, measurements, () => {
    bench.report('list: warming up');
  });
  ours.firstBytes.length = 0;
  const times = await interleaved(bench.options.rounds, measurements, roundsOf(bench, 'list'));
  await Promise.all([plain.stop(), raw.stop(), floor.stop()]);
  return { times, firstBytes: ours.firstBytes };
}

/** After a change, so that it is the list that is measured and no answer kept from before. */
function listMeasurement(bench: Bench, site: Site): { measure: Measurement; firstBytes: number[] } {
  const firstBytes: number[] = [];
  const measure = async () => {
    await changeList(bench, site);
    const answer = await readOnce(site.api.url, request(bench, '/jobs/list'));
    firstBytes.push(answer.firstByteMs);
    return answer.lastByteMs;
  };
  return { measure, firstBytes };
}

/** Against the raw cursor alone: (a) would need one string longer than V8 has. */
async function largeList(bench: Bench, site: Site): Promise<Figure[]> {
  const raw = ListReader.start('raw-cursor', site.uri);
  const ours = listMeasurement(bench, site);
  const name = `list of ${thousands(site.jobs)}`;
  const times = await interleaved(
    bench.options.rounds,
    { raw: async () => (await raw.read()).ms, ours: ours.measure },
    roundsOf(bench, name),
  );
  await raw.stop();
  const all = `whole ${name} jobs`;
  return [
    figure(GROUP, { title: `${all}, speed against (b)`, unit: '×' }, ratios(times.raw, times.ours)),
    figure(
      GROUP,
      { title: `${all}, its first byte, against the whole`, unit: '%' },
      ratios(ours.firstBytes, times.ours),
    ),
  ];
}

import { type Bench, changeList, type FigureGroup, readOnce, request, roundsOf } from '../bench.ts';
import type { CountedAnswer } from '../clients/http-connection.ts';
import { figure, type Figure } from '../figure.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';

const GROUP = 'formats';
const NDJSON = 'application/x-ndjson';

interface Representation {
  name: string;
  headers: Record<string, string>;
  isOffered: (answer: CountedAnswer) => boolean;
}

const coded = (name: string, coding: string): Representation => ({
  name,
  headers: { 'Accept-Encoding': coding },
  isOffered: ({ headers }) => headers.get('content-encoding') === coding,
});

const REPRESENTATIONS: readonly Representation[] = [
  {
    name: 'NDJSON',
    headers: { Accept: NDJSON },
    isOffered: ({ headers }) => headers.get('content-type')?.startsWith(NDJSON) === true,
  },
  coded('gzip', 'gzip'),
  coded('zstd', 'zstd'),
  coded('brotli', 'br'),
];

export const representations: FigureGroup = {
  name: GROUP,
  description: 'the whole list as NDJSON and compressed, against JSON as it is',
  async measure(bench) {
    const figures: Figure[] = [];
    for (const representation of REPRESENTATIONS) figures.push(...(await compared(bench, representation)));
    return figures;
  },
};

async function compared(bench: Bench, { name, headers, isOffered }: Representation): Promise<Figure[]> {
  const time = { title: `whole list, ${name} against JSON as it is, time`, unit: '×' } as const;
  const size = { title: `whole list, ${name} against JSON as it is, size`, unit: '%' } as const;
  const first = await read(bench, headers);
  if (!isOffered(first)) return [figure(GROUP, time, 'not offered'), figure(GROUP, size, 'not offered')];
  const sizes = { plain: [] as number[], other: [] as number[] };
  const measured = (into: number[], sent: Record<string, string>) => async () => {
    const { bytes, lastByteMs } = await read(bench, sent);
    into.push(bytes);
    return lastByteMs;
  };
  const times = await interleaved(
    bench.options.rounds,
    { plain: measured(sizes.plain, {}), other: measured(sizes.other, headers) },
    roundsOf(bench, name),
  );
  return [figure(GROUP, time, ratios(times.other, times.plain)), figure(GROUP, size, ratios(sizes.other, sizes.plain))];
}

/** After a change, so that no answer kept from before is measured. */
async function read(bench: Bench, headers: Record<string, string>): Promise<CountedAnswer> {
  await changeList(bench, bench.site);
  return readOnce(bench.site.api.url, request(bench, '/jobs/list', headers));
}

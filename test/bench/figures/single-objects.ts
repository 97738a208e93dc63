import { type Bench, type FigureGroup, readOnce, request, roundsOf } from '../bench.ts';
import { requestTimes } from '../clients/request-times.ts';
import { processorMs } from '../clients/process-statistics.ts';
import { gpuName, nodeName, NODES } from '../data/node-records.ts';
import { figure, type Figure, type Outcome } from '../figure.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';

const GROUP = 'nodes';

/** The measurements that the documentation's TODO asks for. */
export const singleObjects: FigureGroup = {
  name: GROUP,
  description: `nodes/one against nodes/list, gpu/one against gpu/list, with ${NODES} nodes`,
  async measure(bench) {
    return [
      ...(await compared(bench, 'nodes', `/nodes/one?name=${nodeName(0)}&cluster_name=mila`)),
      ...(await compared(bench, 'gpu', `/gpu/one?gpu_name=${gpuName(6)}`)),
    ];
  },
};

interface Side {
  ms: number[];
  processor: number[];
}

async function compared(bench: Bench, kind: 'nodes' | 'gpu', onePath: string): Promise<Figure[]> {
  const { site, options } = bench;
  const list: Side = { ms: [], processor: [] };
  const one: Side = { ms: [], processor: [] };
  const [listBytes, oneBytes] = await Promise.all(
    [`/${kind}/list`, onePath].map(async (path) => (await readOnce(site.api.url, request(bench, path))).bytes),
  );
  const side = (path: string, into: Side) => async (): Promise<number> => {
    const sample = await measured(bench, path);
    into.ms.push(sample.ms);
    into.processor.push(sample.processor);
    return sample.ms;
  };
  await interleaved(
    options.rounds,
    { list: side(`/${kind}/list`, list), one: side(onePath, one) },
    roundsOf(bench, kind),
  );
  const line = (title: string, unit: Figure['unit'], outcome: Outcome) => figure(GROUP, { title, unit }, outcome);
  const onLinux = (samples: number[]): Outcome =>
    process.platform === 'linux' ? samples : 'measured on Linux alone (/proc)';
  return [
    line(`${kind}/one, size`, 'bytes', [oneBytes ?? NaN]),
    line(`${kind}/list, size`, 'bytes', [listBytes ?? NaN]),
    line(`${kind}/one, time`, 'ms', one.ms),
    line(`${kind}/list, time`, 'ms', list.ms),
    line(`${kind}/list against ${kind}/one, time`, '×', ratios(list.ms, one.ms)),
    line(`${kind}/one, processor time of API and database`, 'ms', onLinux(one.processor)),
    line(`${kind}/list, processor time of API and database`, 'ms', onLinux(list.processor)),
  ];
}

/** Of one request: its time, and what API and database together computed for it. */
async function measured(bench: Bench, path: string): Promise<{ ms: number; processor: number }> {
  const processes = [bench.site.api.pid, bench.serverPid];
  const before = await spentBy(processes);
  const { ms, requests } = await requestTimes(bench.site.api.url, bench.options.seconds, request(bench, path));
  return { ms, processor: ((await spentBy(processes)) - before) / requests };
}

async function spentBy(pids: readonly number[]): Promise<number> {
  return process.platform === 'linux' ? processorMs(pids) : 0;
}

import {
  boundedLabels,
  endedJobs,
  jobGpus,
  liveJobs,
  pendingSeconds,
  type Row,
  setRows,
  startedJobs,
  waitSeconds,
} from '#libs/metrics';
import { JOB_STATES } from '#libs/slurm';
import { type JobGroup, secondsOf } from './figure-groups.js';

/** So many keep their names; what there is of others is shown as one. */
const MOST_CLUSTERS = 50;
const MOST_PARTITIONS = 100;

const PERCENTILES = [50, 90, 99];

/** Shows groups of jobs, those that wait or run and those that ended recently, as metrics. */
export function showJobGroups(live: readonly JobGroup[], ended: readonly JobGroup[]): void {
  const label = labelsFor([...live, ...ended]);
  const byState = (groups: readonly JobGroup[], value: (group: JobGroup) => number): Row[] =>
    sums(groups, (group) => ({ ...label(group), state: stateOf(group) }), value);
  setRows(
    liveJobs,
    byState(live, ({ jobs }) => jobs),
  );
  setRows(
    jobGpus,
    byState(live, ({ gpus }) => gpus),
  );
  setRows(
    endedJobs,
    byState(ended, ({ jobs }) => jobs),
  );
  const pending = live.filter(({ phase }) => phase === 'pending');
  // What was started recently still runs, or has ended since.
  const started = [...live, ...ended].filter(({ phase, waited }) => phase !== 'pending' && waited !== null);
  setRows(
    startedJobs,
    sums(started, label, ({ jobs }) => jobs),
  );
  setRows(waitSeconds, percentiles(started, label));
  setRows(pendingSeconds, percentiles(pending, label));
}

type Labels = Row['labels'];
type Labelled = (group: JobGroup) => Labels;

function labelsFor(groups: readonly JobGroup[]): Labelled {
  const counts = new Map<string, number>();
  const partitions = new Map<string, number>();
  for (const { cluster, partition, jobs } of groups) {
    counts.set(cluster, (counts.get(cluster) ?? 0) + jobs);
    partitions.set(partition, (partitions.get(partition) ?? 0) + jobs);
  }
  const clusterLabel = boundedLabels(counts, MOST_CLUSTERS);
  const partitionLabel = boundedLabels(partitions, MOST_PARTITIONS);
  return ({ cluster, partition }) => ({ cluster: clusterLabel(cluster), partition: partitionLabel(partition) });
}

/** An import may have named a state that no Slurm has. */
function stateOf({ state }: JobGroup): string {
  return JOB_STATES.includes(state) ? state : 'OTHER';
}

function groupedBy(groups: readonly JobGroup[], label: Labelled): { labels: Labels; groups: JobGroup[] }[] {
  const found = new Map<string, { labels: Labels; groups: JobGroup[] }>();
  for (const group of groups) {
    const labels = label(group);
    const key = JSON.stringify(labels);
    const others = found.get(key);
    if (others === undefined) found.set(key, { labels, groups: [group] });
    else others.groups.push(group);
  }
  return [...found.values()];
}

function sums(groups: readonly JobGroup[], label: Labelled, value: (group: JobGroup) => number): Row[] {
  return groupedBy(groups, label).map(({ labels, groups: alike }) => ({
    labels,
    value: alike.reduce((sum, group) => sum + value(group), 0),
  }));
}

function percentiles(groups: readonly JobGroup[], label: Labelled): Row[] {
  return groupedBy(groups, label).flatMap(({ labels, groups: alike }) => {
    const classes = alike
      .flatMap(({ waited, jobs }) => (waited === null ? [] : [{ waited, jobs }]))
      .toSorted((a, b) => a.waited - b.waited);
    const all = classes.reduce((sum, { jobs }) => sum + jobs, 0);
    return PERCENTILES.flatMap((percentile) => {
      let left = Math.ceil((all * percentile) / 100);
      const reached = classes.find(({ jobs }) => (left -= jobs) <= 0);
      if (reached === undefined) return [];
      return [{ labels: { ...labels, percentile: String(percentile) }, value: secondsOf(reached.waited) }];
    });
  });
}

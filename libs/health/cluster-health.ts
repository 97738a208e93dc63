import { type Cluster, type HeldLease, isStale, staleSince } from '#libs/clusters';
import { count, type Finding, said, seconds, time } from './health-part.js';

/** How it stands with the reading of a cluster. @param now by the clock of this process */
export function clusterHealth(cluster: Cluster, now: Date): Finding {
  const { name, jobs, nodes, interval_ms } = cluster;
  const observedAt = jobs === null || nodes === null ? null : earlier(jobs.observed_at, nodes.observed_at);
  const failures = Object.entries(cluster.failures);
  const finding: Finding = {
    part: 'cluster',
    about: name,
    status: 'ok',
    message: 'It is read as it should be.',
    advice: null,
    measured: {
      configured: said(cluster.configured),
      observed_at: time(observedAt),
      ...(observedAt === null ? {} : { age: seconds(now.getTime() - observedAt.getTime()) }),
      interval: seconds(interval_ms),
      jobs: count(jobs?.records ?? 0),
      nodes: count(nodes?.records ?? 0),
      records_skipped: count((jobs?.skipped ?? 0) + (nodes?.skipped ?? 0)),
      failures_in_a_row: count(Math.max(0, ...failures.map(([, { consecutive }]) => consecutive))),
      vanished_jobs_waiting: count(cluster.waiting),
    },
  };
  if (!cluster.configured) return { ...finding, message: 'It is not read any more; what was last read stays.' };
  const stale = observedAt !== null && isStale(observedAt.getTime(), interval_ms, now.getTime());
  if (failures.length === 0 && observedAt !== null && !stale) return finding;
  const advice = `Where the collector runs, "clockwork collect --check --cluster ${name}" says what is wrong, and its log; docs/clusters.md has what a source needs.`;
  const told = failures.map(
    ([what, { kind, consecutive, message }]) => `${what} failed ${times(consecutive)} (${kind}): ${message}`,
  );
  const late =
    observedAt === null ? ['It has never been read whole.'] : stale ? ['It has not been read for long.'] : [];
  const begun = failures.map(([, { since }]) => since.getTime());
  return {
    ...finding,
    status: stale ? 'failing' : 'degraded',
    message: [...late, ...told].join(' '),
    advice,
    ...(stale
      ? { since: staleSince(observedAt, interval_ms) }
      : begun.length > 0
        ? { since: new Date(Math.min(...begun)) }
        : {}),
  };
}

/** Who reads a cluster. @param now by the clock of the database server, which leases go by */
export function leaseHealth(
  cluster: Cluster,
  lease: HeldLease | undefined,
  now: Date,
  isClusterStale: boolean,
): Finding {
  const held = lease !== undefined && lease.until > now;
  const measured = { holder: said(held ? lease.holder : null), until: time(lease?.until ?? null) };
  const finding = { part: 'lease' as const, about: cluster.name, measured };
  if (held) return { ...finding, status: 'ok', message: `Read by ${lease.holder}.`, advice: null };
  return {
    ...finding,
    status: isClusterStale ? 'failing' : 'degraded',
    message: 'Nobody reads this cluster.',
    advice:
      'Start an API process with CLOCKWORK_CLUSTERS set, or "clockwork collect". One that was just ended or killed is replaced within two intervals where another runs.',
  };
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

function times(number: number): string {
  return number === 1 ? 'once' : `${number} times in a row`;
}

import { BASE } from '../../support/http-exchange.ts';
import type { Asked, Errand } from './client.ts';
import type { NumberedWrites } from './numbered-writes.ts';
import type { Weather } from './weather.ts';

/** The jobs that clients ask for: so many on one cluster, some of which are written into. */
export interface LoadData {
  cluster: string;
  jobs: number;
  /** Of the job that is written into seldom, so that its list often stays as it is. */
  calmUser: string;
  /** Of those who own the busy jobs and the calm one. */
  key: string;
  calmKey: string;
  busy: readonly NumberedWrites[];
  calm: NumberedWrites;
}

interface ListedJob {
  slurm: { job_id: string };
  user: unknown;
}

const NDJSON = 'application/x-ndjson';
/** In each turn writers rest at the end for a moment, in which the data have a version. */
const TURN_MS = 2_000;
const WRITING_MS = 1_500;

export function update(data: LoadData, writes: NumberedWrites, weather: Weather, pauseMs: number): Errand {
  return {
    name: `update of job ${writes.jobId}`,
    pauseMs,
    next: () => {
      if (weather.isFair && performance.now() % TURN_MS > WRITING_MS) return null;
      const floor = writes.floor();
      const begun = writes.begin();
      if (begun === null) return null;
      const { number, pairs } = begun;
      return {
        question: {
          method: 'PUT',
          path: `${BASE}/jobs/user_dict_update`,
          key: writes === data.calm ? data.calmKey : data.key,
          json: { job_id: writes.jobId, cluster_name: data.cluster, update_pairs: pairs },
        },
        problemIn: ({ status, text }) => {
          if (status !== 200) {
            writes.doubt(number);
            return 'an update that is refused';
          }
          writes.confirm(number);
          return writes.problemIn(JSON.parse(text), floor);
        },
        failed: (mayHaveEffect) => {
          if (mayHaveEffect) writes.doubt(number);
        },
      };
    },
  };
}

export function wholeList(data: LoadData, accept: 'application/json' | typeof NDJSON): Errand {
  return {
    name: `list as ${accept}`,
    pauseMs: 100,
    next: () => {
      const checked = listCheck(data.jobs, [...data.busy, data.calm]);
      return {
        question: {
          path: `${BASE}/jobs/list?cluster_name=${data.cluster}`,
          key: data.key,
          headers: { Accept: accept },
        },
        problemIn: ({ status, text }) => (status === 200 ? checked(jobsIn(text, accept)) : 'a list that is refused'),
      };
    },
  };
}

/** Keeps a list, and asks whether it is still the same. */
export function keptList(data: LoadData, what: 'all' | 'calm'): Errand {
  const filter = what === 'all' ? '' : `&user=${data.calmUser}`;
  const writers = what === 'all' ? [...data.busy, data.calm] : [data.calm];
  let kept: { tag: string; jobs: ListedJob[] } | null = null;
  return {
    name: `list (${what}) with its ETag`,
    pauseMs: what === 'all' ? 70 : 15,
    next: () => {
      const before = kept;
      const checked = listCheck(what === 'all' ? data.jobs : 1, writers);
      return {
        question: {
          path: `${BASE}/jobs/list?cluster_name=${data.cluster}${filter}`,
          key: data.key,
          headers: before === null ? {} : { 'If-None-Match': before.tag },
        },
        problemIn: ({ status, text, tag }) => {
          if (status === 304) {
            if (before === null || tag !== before.tag) return 'a 304 for another list';
            const problem = checked(before.jobs);
            return problem === null ? null : `a 304 though there were changes: ${problem}`;
          }
          if (status !== 200) return 'a list that is refused';
          const jobs = jobsIn(text, 'application/json');
          kept = tag === undefined ? null : { tag, jobs };
          return checked(jobs);
        },
      };
    },
  };
}

export function oneJob(data: LoadData): Errand {
  let turn = 0;
  return {
    name: 'jobs/one',
    pauseMs: 15,
    next: () => {
      const writers = [...data.busy, data.calm];
      turn += 1;
      const writes = writers[turn % writers.length] ?? data.calm;
      const same = writers.filter(({ jobId }) => jobId === writes.jobId).map((one) => ({ one, floor: one.floor() }));
      return {
        question: { path: `${BASE}/jobs/one?job_id=${writes.jobId}&cluster_name=${data.cluster}`, key: data.key },
        problemIn: ({ status, text }) => {
          if (status !== 200) return 'a job that is refused';
          const { user } = JSON.parse(text) as ListedJob;
          return firstProblem(same.map(({ one, floor }) => one.problemIn(user, floor)));
        },
      };
    },
  };
}

export function countOfJobs(data: LoadData): Errand {
  return simple('jobs/count', data, `${BASE}/jobs/count?cluster_name=${data.cluster}`, 40, ({ status, text }) =>
    status === 200 && text === `{"count":${data.jobs}}` ? null : `not the count of ${data.jobs} jobs`,
  );
}

/** Needs nothing but the process. */
export function liveness(data: LoadData): Errand {
  return simple('health/live', data, '/health/live', 100, ({ status }) => (status === 200 ? null : 'not alive'));
}

function simple(name: string, { key }: LoadData, path: string, pauseMs: number, problemIn: Asked['problemIn']): Errand {
  return { name, pauseMs, next: () => ({ question: { path, key }, problemIn }) };
}

function listCheck(count: number, writers: readonly NumberedWrites[]) {
  const floors = writers.map((writes) => ({ writes, floor: writes.floor() }));
  return (jobs: readonly ListedJob[]): string | null => {
    const byId = new Map(jobs.map((job) => [job.slurm.job_id, job.user]));
    if (jobs.length !== count || byId.size !== count) return `${jobs.length} jobs, ${byId.size} ids, not ${count}`;
    return firstProblem(floors.map(({ writes, floor }) => writes.problemIn(byId.get(writes.jobId), floor)));
  };
}

function firstProblem(problems: readonly (string | null)[]): string | null {
  return problems.find((problem) => problem !== null) ?? null;
}

function jobsIn(text: string, accept: string): ListedJob[] {
  if (accept !== NDJSON) return JSON.parse(text) as ListedJob[];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ListedJob);
}

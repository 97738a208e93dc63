import { type Bench, oneJob, request } from '../bench.ts';
import type { HttpRequest } from '../clients/http-connection.ts';
import { busyJobs, jobKey } from '../data/job-records.ts';
import { seededRandom } from '../data/random.ts';

/** What is asked, and how. */
export interface Kind {
  name: string;
  next: () => HttpRequest;
}

/** What clients of all sorts ask of a service. @param site the jobs that are there, and a key of their busiest user */
export function mixedLoad(site: { jobs: number; key: Bench['key'] }): Kind[] {
  const random = seededRandom(2);
  const ownJobs = busyJobs(site.jobs);
  const anyJob = () => oneJob(jobKey(Math.floor(random() * site.jobs)));
  let updates = 0;
  const update = (): HttpRequest => {
    updates += 1;
    const job = ownJobs[updates % ownJobs.length];
    const { path, headers } = request(site, '/jobs/user_dict_update', { 'Content-Type': 'application/json' });
    return { method: 'PUT', path, headers, body: JSON.stringify({ ...job, update_pairs: { loss: random() } }) };
  };
  return [
    { name: 'jobs/one', next: () => request(site, `/jobs/one${anyJob()}`) },
    { name: 'the 100 newest jobs', next: () => request(site, '/jobs/list?limit=100') },
    { name: 'updates of dicts', next: update },
  ];
}

import { jobRecords } from './job-records.ts';
import { gpuRecords, nodeRecords } from './node-records.ts';
import { BUSY, OCCASIONAL, others } from './people.ts';

/** What `clockwork import` takes, one record a line: users, GPUs and nodes, then the jobs. */
export function* importLines(jobs: number): Generator<string> {
  for (const { email, mila, cc } of [BUSY, OCCASIONAL, ...others(jobs)]) {
    yield line('users', { mila_email_username: email, mila_cluster_username: mila, cc_account_username: cc });
  }
  for (const record of gpuRecords()) yield line('gpu', record);
  for (const record of nodeRecords()) yield line('nodes', record);
  for (const record of jobRecords(jobs)) yield line('jobs', record);
}

function line(part: string, record: object): string {
  return `${JSON.stringify({ [part]: record })}\n`;
}

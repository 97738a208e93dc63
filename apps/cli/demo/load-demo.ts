import { readFile } from 'node:fs/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { commandActor } from '#libs/audit';
import { ApiKeysService, type UserRecord, UsersService } from '#libs/auth';
import { isFieldError } from '#libs/common';
import { CommandFailure } from '../command-failure.js';
import { type JobInput, jobInput, JobNames, JobWriter, keyOf } from '#libs/jobs';
import { fromPlainJson, type JsonObject } from '#libs/json';
import { nodeSlurmPart, NodesService } from '#libs/nodes';
import {
  type DocumentReader,
  jobReader,
  jobToSlurmPart,
  nodeReader,
  nodeToSlurmPart,
  type SlurmValue,
} from '#libs/slurm';

const RECORDED = new URL('../../../../fixtures/slurm-22.05/', import.meta.url);
/** The recorded cluster's own name; its accounts are Mila's and its clock is UTC. */
const CLUSTER = { name: 'mila', accountKind: 'mila', timeZone: 'UTC' } as const;

const KEY_NAME = 'demo';

/** People for the accounts that ran the recorded jobs; the first is whose key is shown. */
const USERS: UserRecord[] = ['milauser01', 'milauser00'].map((name) => ({
  mila_email_username: `${name}@example.org`,
  mila_cluster_username: name,
  cc_account_username: null,
  status: 'enabled',
  admin: false,
  clusters: null,
}));

export interface LoadedDemo {
  introduction(url: string): string;
}

/** Reads the recorded cluster into the database, as often as it is called, and makes a key. */
export async function loadDemo(services: INestApplicationContext): Promise<LoadedDemo> {
  const users = services.get(UsersService);
  await refuseOthersData(users);
  for (const { mila_email_username, ...changes } of USERS) {
    await users.save(mila_email_username, changes, commandActor());
  }
  await services.get(NodesService).save(await recordedNodes());
  const jobs = await recordedJobs();
  await services.get(JobWriter).write(jobs);
  await services.get(JobNames).refillPending();
  const email = USERS[0]?.mila_email_username ?? '';
  const key = await newDemoKey(services.get(ApiKeysService), email);
  return { introduction: (url) => introduction(url, key, email, jobs) };
}

/** The demo's made-up people and their key have no place among a lab's own. */
async function refuseOthersData(users: UsersService): Promise<void> {
  const ours = new Set(USERS.map((user) => user.mila_email_username));
  if ((await users.list()).every((user) => ours.has(user.mila_email_username))) return;
  throw new CommandFailure(
    "CLOCKWORK_DATA_DIR names a directory with users that are not the demo's: leave it unset, or name another directory.",
  );
}

async function recordedJobs(): Promise<JobInput[]> {
  // What squeue no longer shows is in sacct; where both have a job, squeue knows more of it.
  const ended = await recorded('sacct.json', jobReader('accounting-json', CLUSTER));
  const current = await recorded('squeue.json', jobReader('controller-json', CLUSTER));
  const byId = new Map([...ended, ...current].map((job) => [job.jobId, job]));
  return [...byId.values()].map((job) => {
    const input = jobInput(record(jobToSlurmPart(job, CLUSTER)));
    if (isFieldError(input)) throw new Error(`recorded job ${job.jobId}: ${input.field}: ${input.message}`);
    return input;
  });
}

async function recordedNodes(): Promise<JsonObject[]> {
  return (await recorded('sinfo.json', nodeReader('node-json', CLUSTER))).map((node) => {
    const slurm = nodeSlurmPart(record(nodeToSlurmPart(node, CLUSTER)));
    if (isFieldError(slurm)) throw new Error(`recorded node ${node.name}: ${slurm.field}: ${slurm.message}`);
    return slurm;
  });
}

function record(slurm: Record<string, SlurmValue>): JsonObject {
  return new Map([['slurm', fromPlainJson(slurm)]]);
}

async function recorded<T>(file: string, reader: DocumentReader<T>): Promise<T[]> {
  const records = reader.take(await readFile(new URL(file, RECORDED)));
  return [...records, ...reader.end().records];
}

/** An earlier demo's key cannot be shown again: it is revoked, and a new one takes its place. */
async function newDemoKey(keys: ApiKeysService, email: string): Promise<string> {
  for (const key of await keys.list(email))
    if (key.name === KEY_NAME && key.revoked === null) await keys.revoke(key.id, commandActor());
  const { key } = await keys.create(email, { name: KEY_NAME, expires: null, scope: 'all' }, commandActor());
  return key;
}

/** Each line can be pasted as it stands. */
function introduction(url: string, key: string, email: string, jobs: readonly JobInput[]): string {
  const get = (path: string) => `  curl -H 'Authorization: Bearer ${key}' '${url}/api/v1/cluster/${path}'`;
  const own = jobs.find(
    ({ slurm, given }) =>
      slurm.get('job_state') === 'RUNNING' && email.startsWith(`${given.mila_cluster_username ?? ''}@`),
  );
  const jobId = own === undefined ? '' : keyOf(own).jobId;
  const update = JSON.stringify({
    job_id: jobId,
    cluster_name: CLUSTER.name,
    update_pairs: { train_loss: 0.2, nbr_dinosaurs: 10 },
  });
  return [
    '',
    `The ${jobs.length} jobs and the nodes are those of a real cluster, as its Slurm printed them. These lines have a key`,
    `of ${email}, made for this demo. Paste any of them into another terminal:`,
    '',
    get('jobs/list?user=milauser01'),
    get('jobs/count?phase=running'),
    get(`jobs/one?job_id=${jobId}`),
    `  curl -X PUT -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${update}' '${url}/api/v1/cluster/jobs/user_dict_update'`,
    get('nodes/list'),
    get('nodes/one/gpu?name=cn-a001'),
    get('gpu/list'),
    '',
    `A page to try the API is at ${url}/docs. Ctrl-C ends the demo.`,
    '',
    '',
  ].join('\n');
}

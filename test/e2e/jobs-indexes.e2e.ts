import { type Document, MongoClient } from 'mongodb';
import type { Caller } from '#libs/auth';
import { JOB_ORDER } from '../../libs/jobs/job.schema.js';
import { listFilterAt } from '../../libs/jobs/jobs-filter.js';
import type { JobsListQuery } from '../../libs/jobs/jobs.queries.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';

const JOBS = 2_000;
const STATES = ['RUNNING', 'PENDING', 'COMPLETED', 'FAILED'];

let service: ClockworkService;
let client: MongoClient;

beforeAll(async () => {
  service = await startService();
  await service.load({
    jobs: Array.from({ length: JOBS }, (_, index) => ({
      slurm: {
        cluster_name: index % 2 === 0 ? 'mila' : 'beluga',
        job_id: String(1000 + index),
        job_state: STATES[index % STATES.length],
        mila_cluster_username: `user${index % 50}`,
        partition: index % 3 === 0 ? 'main,gpu' : 'main',
        account: `account${index % 5}`,
        array_job_id: index % 10 === 0 ? String(index) : null,
        submit_time: new Date(1_700_000_000_000 + index * 1000).toISOString(),
        end_time: new Date(1_700_000_100_000 + index * 1000).toISOString(),
      },
    })),
  });
  client = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
});

afterAll(async () => {
  await client.close();
  await service.stop();
});

/** The stages of a plan, whatever way they are nested. */
function stages(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return [];
  return Object.entries(plan).flatMap(([key, value]) =>
    key === 'stage' ? [String(value)] : Array.isArray(value) ? value.flatMap(stages) : stages(value),
  );
}

/** The filters of a request, as a plain object. */
type Filters = { [Name in keyof JobsListQuery]: JobsListQuery[Name] };

async function explained(filters: Filters, clusters: string[] | null = null): Promise<Document> {
  const caller = { clusters } as Caller;
  return client
    .db()
    .collection('jobs')
    .find(listFilterAt(caller, filters, new Date()))
    .sort(JOB_ORDER)
    .explain('executionStats');
}

const QUERIES: [string, Filters][] = [
  ['no filter', {}],
  ['user', { user: ['user7'] }],
  ['several users', { user: ['user7', 'user8', 'Ada@Example.org'] }],
  ['time', { time: 3600 }],
  ['cluster_name', { cluster_name: ['mila'] }],
  ['several clusters', { cluster_name: ['mila', 'beluga'] }],
  ['job_state', { job_state: ['FAILED'] }],
  ['several states', { job_state: ['FAILED', 'RUNNING'] }],
  ['phase', { phase: ['running', 'pending'] }],
  ['outcome', { outcome: ['failed'] }],
  ['partition', { partition: ['gpu'] }],
  ['account', { account: ['account1', 'account2'] }],
  ['array_job_id', { array_job_id: '10' }],
  ['all at once', { user: ['user1'], cluster_name: ['mila'], phase: ['running'], partition: ['main'], time: 60 }],
];

describe('jobs/list reads from an index, in its order', () => {
  it.each(QUERIES)('with %s', async (_name, query) => {
    const { queryPlanner } = await explained(query);
    const plan = stages((queryPlanner as Document)['winningPlan']);
    expect(plan).toContain('IXSCAN');
    expect(plan).not.toContain('COLLSCAN');
    expect(plan).not.toContain('SORT');
  });

  it('for a caller who may see some clusters alone', async () => {
    const { queryPlanner } = await explained({ user: ['user7'] }, ['mila', 'narval']);
    const plan = stages((queryPlanner as Document)['winningPlan']);
    expect(plan).not.toContain('COLLSCAN');
    expect(plan).not.toContain('SORT');
  });

  it.each<[string, Filters]>([
    ['user', { user: ['user7'] }],
    ['array_job_id', { array_job_id: '10' }],
    ['several users', { user: ['user7', 'user8'] }],
  ])('and looks at no job but those it gives, with %s', async (_name, query) => {
    const stats = (await explained(query))['executionStats'] as Document;
    expect(stats['nReturned']).toBeGreaterThan(0);
    expect(stats['totalDocsExamined']).toBe(stats['nReturned']);
  });
});

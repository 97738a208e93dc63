import { newDatabase, runCli } from '../support/clockwork-service.js';

/** The environment of a command on a database of its own; `heapMb` bounds what it may hold. */
const environment = (heapMb: number): NodeJS.ProcessEnv => ({
  ...process.env,
  LOG_FORMAT: 'json',
  MONGODB_URI: newDatabase(),
  NODE_OPTIONS: `--max-old-space-size=${heapMb}`,
});
/** Lines of an import; `slurm` and `rest` are JSON text that starts with a comma, or nothing. */
const job = (id: number, slurm = '', rest = ''): string =>
  `{"jobs":{"slurm":{"cluster_name":"mila","job_id":"${id}","job_state":"RUNNING"${slurm}}${rest}}}`;
const node = (name: string, slurm = ''): string =>
  `{"nodes":{"slurm":{"cluster_name":"mila","name":"${name}"${slurm}}}}`;

describe('importing large records', () => {
  it('refuses a record that the database could not hold by its name, and takes the others', async () => {
    // As text within what a line may be; as BSON, which numbers each item, far beyond what a document may be.
    const list = `,"x":[${'0,'.repeat(2_000_000)}0]`;
    const attempts = `,"cw":{"attempts":[{"x":"${'x'.repeat(15 * 1024 * 1024)}"}]}`;
    const lines = [job(1), job(2, list), job(3, '', attempts), node('a', list), node('b'), job(4)];
    const { code, stdout, stderr } = await runCli(environment(1024), ['import', '-'], lines.join('\n'));
    for (const where of ['jobs 2', 'jobs 3', 'nodes 1']) {
      expect(stderr).toContain(`${where}: it would take more than 4 MiB as stored`);
    }
    expect(stderr).toContain('3 records were refused; the others were taken.');
    expect(JSON.parse(stdout)).toMatchObject({ jobs: { added: 2, refused: 2 }, nodes: { added: 1, refused: 1 } });
    expect(code).toBe(1);
  });

  it('holds few at a time, however large they are', async () => {
    const dict = `,"user":{"a":[${'7,'.repeat(80_000)}7]}`;
    const lines = Array.from({ length: 80 }, (_, at) => job(at + 1, '', dict));
    const { code, stdout, stderr } = await runCli(environment(192), ['import', '-'], lines.join('\n'));
    expect(stderr).toContain('All records were taken.');
    expect(JSON.parse(stdout)).toMatchObject({ jobs: { added: 80, refused: 0 } });
    expect(code).toBe(0);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliAnswer, type ClockworkService, startService } from '../support/clockwork-service.js';

interface JobObject {
  slurm: Record<string, unknown>;
  cw: Record<string, unknown>;
  user: Record<string, unknown>;
}

let service: ClockworkService;
let key: string;
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'clockwork-import-'));
  service = await startService();
  key = await service.keyOf('reader@example.org');
});

afterAll(async () => {
  await service.stop();
  await rm(scratch, { recursive: true, force: true });
});

function slurmJob(cluster_name: string, job_id: string, more: object = {}): { slurm: Record<string, unknown> } {
  return { slurm: { cluster_name, job_id, job_state: 'RUNNING', ...more } };
}

const fromStdin = (input: string, ...options: string[]): Promise<CliAnswer> =>
  service.cli(['import', '-', ...options], input);

async function fromFile(content: string, ...options: string[]): Promise<CliAnswer> {
  const file = join(scratch, 'input.json');
  await writeFile(file, content);
  return service.cli(['import', file, ...options]);
}

async function jobs(cluster: string): Promise<JobObject[]> {
  return (await service.request(`/jobs/list?cluster_name=${cluster}`, { key })).body as JobObject[];
}

async function jobIds(cluster: string): Promise<unknown[]> {
  return (await jobs(cluster)).map(({ slurm }) => slurm['job_id']);
}

const counts = (given: object) => ({ added: 0, changed: 0, unchanged: 0, outdated: 0, refused: 0, ...given });

const ALL_PARTS = {
  users: [{ mila_email_username: 'ada@example.org', mila_cluster_username: 'ada', status: 'enabled', admin: false }],
  gpu: [{ cw_name: 'rtx8000', name: 'rtx8000', vendor: 'nvidia', ram: 48, cuda_cores: 4608 }],
  nodes: [{ slurm: { cluster_name: 'all', name: 'cn-1', gres: 'gpu:rtx8000:2' }, cw: {} }],
  jobs: [
    {
      slurm: { cluster_name: 'all', job_id: '1', job_state: 'RUNNING', mila_cluster_username: 'ada', nodes: 'cn-1' },
      cw: {},
      user: { loss: 0.5 },
    },
    { slurm: { cluster_name: 'all', job_id: '2', job_state: 'CANCELLED by 123' } },
  ],
};

describe('both forms', () => {
  it('one object of parts, from a file, is taken whole; the same file again changes nothing', async () => {
    const first = await fromFile(JSON.stringify(ALL_PARTS, null, 2));
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toEqual({
      users: counts({ added: 1 }),
      gpu: counts({ added: 1 }),
      nodes: counts({ added: 1 }),
      jobs: counts({ added: 2 }),
    });
    const [running, cancelled] = await jobs('all');
    expect(running).toMatchObject({
      slurm: { job_id: '1', job_state: 'RUNNING' },
      cw: { mila_cluster_username: 'ada', mila_email_username: 'ada@example.org', phase: 'running' },
      user: { loss: 0.5 },
    });
    expect(cancelled).toMatchObject({ slurm: { job_state: 'CANCELLED' }, cw: { outcome: 'cancelled' }, user: {} });

    const again = await fromFile(JSON.stringify(ALL_PARTS, null, 2));
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({
      users: counts({ unchanged: 1 }),
      gpu: counts({ unchanged: 1 }),
      nodes: counts({ unchanged: 1 }),
      jobs: counts({ unchanged: 2 }),
    });
    expect(await jobs('all')).toEqual([running, cancelled]);
  });

  it('one record a line, from stdin, with blank lines and CR LF ends and none at the end', async () => {
    const lines = [
      '{"nodes": {"slurm": {"cluster_name": "lines", "name": "n1"}}}',
      '',
      JSON.stringify({ jobs: slurmJob('lines', '1') }),
      '   ',
      JSON.stringify({ jobs: slurmJob('lines', '2') }),
    ];
    const { code, stdout } = await fromStdin(lines.join('\r\n'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ nodes: counts({ added: 1 }), jobs: counts({ added: 2 }) });
    expect(await jobIds('lines')).toEqual(['1', '2']);
  });

  it.each([
    ['nothing at all', ''],
    ['an object without parts', '{}'],
    ['empty parts', '{"jobs": [], "users": [], "nodes": [], "gpu": []}'],
  ])('%s is taken', async (_case, input) => {
    expect(await fromStdin(input)).toMatchObject({ code: 0, stdout: '{}\n' });
  });

  it('records that are cut anywhere by the pipe come out whole', async () => {
    const text = 'ä"\\\u2028😀'.repeat(40_000);
    const large = { jobs: [slurmJob('cut', '1', { comment: text }), slurmJob('cut', '2', { comment: text })] };
    expect(await fromStdin(JSON.stringify(large))).toMatchObject({ code: 0 });
    expect((await jobs('cut')).map(({ slurm }) => slurm['comment'] === text)).toEqual([true, true]);
  });
});

describe('a bad record', () => {
  it('is named by part, number and field; the others of every part are kept; the exit is 1', async () => {
    const { code, stdout, stderr } = await fromStdin(
      JSON.stringify({
        users: [{ mila_email_username: 'bad-ok@example.org' }, { mila_email_username: 7 }, 'text'],
        gpu: [{ vendor: 'nvidia' }, { name: 'bad-a100', ram: 'much' }, { name: 'bad-v100' }],
        nodes: [{ slurm: { cluster_name: 'bad' } }, { slurm: { cluster_name: 'bad', name: 'n1' } }],
        jobs: [
          slurmJob('bad', '1'),
          { slurm: { cluster_name: 'bad', job_id: '2' } },
          { slurm: { job_id: '3', job_state: 'RUNNING' } },
          { slurm: { cluster_name: 'bad', job_id: 'x', job_state: 'RUNNING' } },
          slurmJob('bad', '5', { submit_time: 'yesterday' }),
          { ...slurmJob('bad', '6'), user: [] },
          { cw: {} },
          slurmJob('bad', '8'),
        ],
      }),
    );
    expect(code).toBe(1);
    const said = stderr.split('\n');
    for (const [where, what] of [
      ['users 2: mila_email_username: ', 'e-mail address'],
      ['users 3: ', 'object'],
      ['gpu 1: cw_name: ', 'name'],
      ['gpu 2: ram: ', 'number'],
      ['nodes 1: slurm.name: ', 'text'],
      ['jobs 2: slurm.job_state: ', 'RUNNING'],
      ['jobs 3: slurm.cluster_name: ', 'text'],
      ['jobs 4: slurm.job_id: ', 'digits'],
      ['jobs 5: slurm.submit_time: ', 'ISO 8601'],
      ['jobs 6: user: ', 'object'],
      ['jobs 7: slurm: ', 'object'],
    ] as const) {
      expect(said.filter((line) => line.startsWith(where) && line.includes(what))).toHaveLength(1);
    }
    expect(said).toContain('11 records were refused; the others were taken.');
    expect(JSON.parse(stdout)).toEqual({
      users: counts({ added: 1, refused: 2 }),
      gpu: counts({ added: 1, refused: 2 }),
      nodes: counts({ added: 1, refused: 1 }),
      jobs: counts({ added: 2, refused: 6 }),
    });
    expect(await jobIds('bad')).toEqual(['1', '8']);
  });

  it('one that is not JSON costs no other, in either form', async () => {
    const [good, last] = [slurmJob('text', '1'), slurmJob('text', '3')].map((job) => JSON.stringify(job));
    const document = await fromStdin(`{"jobs": [${good}, {"slurm": {"a": NaN}}, ${last}]}`);
    expect(document).toMatchObject({ code: 1 });
    expect(document.stderr).toMatch(/^jobs 2: .*NaN/m);
    const lines = await fromStdin(
      [
        `{"jobs": ${String(good).replace('"1"', '"11"')}}`,
        '{"jobs": {"slurm": ',
        `{"jobs": ${String(last).replace('"3"', '"13"')}}`,
      ].join('\n'),
    );
    expect(lines).toMatchObject({ code: 1 });
    expect(lines.stderr).toMatch(/^line 2: it is not JSON/m);
    expect(await jobIds('text')).toEqual(['1', '3', '11', '13']);
  });

  it('is one whose dict is beyond the limits, or not UTF-8', async () => {
    const deep = '{"a":'.repeat(33) + '1' + '}'.repeat(33);
    const file = join(scratch, 'latin1.json');
    await writeFile(
      file,
      Buffer.from(
        `{"jobs": [${JSON.stringify(slurmJob('bytes', '1', { name: 'é' }))}, ${JSON.stringify(slurmJob('bytes', '2')).replace('}}', `}, "user": ${deep}}`)}, ${JSON.stringify(slurmJob('bytes', '3'))}]}`,
        'latin1',
      ),
    );
    const { code, stderr } = await service.cli(['import', file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^jobs 1: its bytes are not valid UTF-8/m);
    expect(stderr).toMatch(/^jobs 2: user: .*32 levels/m);
    expect(await jobIds('bytes')).toEqual(['3']);
  });

  it('is every record of a part that there is not', async () => {
    const { code, stderr } = await fromStdin(
      JSON.stringify({ job: [slurmJob('part', '1')], jobs: [slurmJob('part', '2')] }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/no part "job".*users, gpu, nodes, jobs/);
    expect(await jobIds('part')).toEqual(['2']);
  });
});

describe('an input that is no import', () => {
  it.each([
    [
      'that is cut off',
      `{"jobs": [${JSON.stringify(slurmJob('broken', '1'))}, {"slurm": {`,
      /ends in the middle of jobs, at record 2/,
    ],
    [
      'without a comma',
      `{"jobs": [${JSON.stringify(slurmJob('broken', '1'))} {}]}`,
      /where a comma or \] should be, after jobs, at record 1/,
    ],
    ['with something behind it', `{"jobs": [${JSON.stringify(slurmJob('broken', '1'))}]} x`, /"x" at byte \d+/],
  ])('%s: what came before is taken and the exit is 1', async (_case, input, reason) => {
    const { code, stderr } = await fromFile(input);
    expect(code).toBe(1);
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/What came before it was taken/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await jobIds('broken')).toEqual(['1']);
  });

  it.each([
    ['a file that is not there', '/nowhere/jobs.json', /\/nowhere\/jobs\.json cannot be read: .*ENOENT/],
    ['a directory', tmpdir(), /cannot be read: it is a directory/],
  ])('%s is named and the exit is 1', async (_case, file, reason) => {
    const { code, stdout, stderr } = await service.cli(['import', file]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('user dicts', () => {
  const withDict = (job_id: string, user: unknown, more: object = {}) => ({
    ...slurmJob('dicts', job_id, more),
    user,
  });

  it('are taken for a job that is not there yet; one that is there keeps its own', async () => {
    await fromStdin(JSON.stringify({ jobs: [withDict('1', { epoch: 1, mine: true })] }));
    const { code } = await fromStdin(JSON.stringify({ jobs: [withDict('1', { epoch: 0 }, { name: 'renamed' })] }));
    expect(code).toBe(0);
    expect((await jobs('dicts'))[0]).toMatchObject({ slurm: { name: 'renamed' }, user: { epoch: 1, mine: true } });
  });

  it('--replace-user-dicts lets those of the file replace them, whatever their keys; a job without one keeps its own', async () => {
    const before = [withDict('21', { a: 1 }), withDict('22', { b: 1 }), withDict('23', { c: 1 })];
    await fromStdin(JSON.stringify({ jobs: before }));
    const odd = '{"$set": {"$ne": 1}, "a.b": 1.0, "": null, "__proto__": 18446744073709551615, "$ref": "x", "$id": 1}';
    const replacing = `{"jobs": [
      ${JSON.stringify(withDict('21', 0, { name: 'changed too' })).replace('"user":0', `"user": ${odd}`)},
      ${JSON.stringify({ ...before[1] })},
      ${JSON.stringify(slurmJob('dicts', '23'))}]}`;
    const { code, stdout } = await fromStdin(replacing, '--replace-user-dicts');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ jobs: counts({ changed: 1, unchanged: 2 }) });
    const { text } = await service.request('/jobs/one?job_id=21&cluster_name=dicts', { key });
    expect(text).toContain(`"user":${odd.replaceAll(/([:,]) /g, '$1')}`);
    const after = new Map((await jobs('dicts')).map(({ slurm, user }) => [slurm['job_id'], user]));
    expect([after.get('22'), after.get('23')]).toEqual([{ b: 1 }, { c: 1 }]);

    const again = await fromStdin(replacing, '--replace-user-dicts');
    expect(JSON.parse(again.stdout)).toEqual({ jobs: counts({ unchanged: 3 }) });
    const float = JSON.stringify({ jobs: [withDict('23', { c: 1 })] }).replace('"c":1', '"c":1.0');
    expect(JSON.parse((await fromStdin(float, '--replace-user-dicts')).stdout)).toEqual({
      jobs: counts({ changed: 1 }),
    });
    expect((await service.request('/jobs/one?job_id=23&cluster_name=dicts', { key })).text).toContain('"c":1.0');
    const emptied = await fromStdin(JSON.stringify({ jobs: [withDict('22', {})] }), '--replace-user-dicts');
    expect(JSON.parse(emptied.stdout)).toEqual({ jobs: counts({ changed: 1 }) });
    expect((await jobs('dicts')).find(({ slurm }) => slurm['job_id'] === '22')?.user).toEqual({});
  });
});

describe('identity', () => {
  const submitted = (submit_time: string, more: object = {}) => ({
    ...slurmJob('ids', '1', { submit_time, uid: '1000', ...more }),
    user: { of: submit_time },
  });

  it('of a later submission is a new job, of an earlier one an old record that changes nothing', async () => {
    const summary = async (job: object) =>
      (JSON.parse((await fromStdin(JSON.stringify({ jobs: [job] }))).stdout) as { jobs: unknown }).jobs;
    expect(await summary(submitted('2024-02-01T00:00:00-05:00'))).toEqual(counts({ added: 1 }));
    expect(await summary(submitted('2024-01-01T00:00:00-05:00'))).toEqual(counts({ outdated: 1 }));
    expect(await summary(submitted('2024-03-01T00:00:00-05:00'))).toEqual(counts({ added: 1 }));
    expect((await jobs('ids')).map(({ user }) => user)).toEqual([{ of: '2024-03-01T00:00:00-05:00' }]);
  });
});

describe('users', () => {
  it('whose name belongs to another are refused by number and field, and the others taken', async () => {
    const { code, stderr, stdout } = await fromStdin(
      JSON.stringify({
        users: [
          { mila_email_username: 'One@Example.org', mila_cluster_username: 'one', clusters: ['mila'] },
          { mila_email_username: 'two@example.org', mila_cluster_username: 'one' },
          { mila_email_username: 'three@example.org', cc_account_username: 'one', status: 'disabled', admin: true },
        ],
      }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^users 2: mila_cluster_username: .*"one" belongs to another user/m);
    expect(JSON.parse(stdout)).toEqual({ users: counts({ added: 2, refused: 1 }) });
    const { stdout: list } = await service.cli(['users', 'list']);
    expect(list).toContain(
      '{"mila_email_username":"one@example.org","mila_cluster_username":"one","cc_account_username":null,"status":"enabled","admin":false,"clusters":["mila"]}\n',
    );
    expect(list).toContain('"status":"disabled","admin":true');
    expect(list).not.toContain('two@example.org');
  });
});

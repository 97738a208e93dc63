import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clustersOf } from '#libs/clusters';
import { documentBlocks, tableRows } from '../support/document-blocks.js';

const PAGE = 'docs/clusters.md';
const BLOCKS = documentBlocks(PAGE);
const FILE = '/etc/clockwork/clusters.yaml';

function sourcesIn(section: string) {
  return BLOCKS.filter((block) => block.section === section && block.language === 'yaml').flatMap(({ code }) =>
    clustersOf(code, FILE).map(({ source }) => source),
  );
}

/** The keys that an error says are known. */
function knownKeys(text: string): string[] {
  try {
    clustersOf(text, FILE);
  } catch (error) {
    const [, keys = ''] = /known are (.*)\.$/m.exec((error as Error).message) ?? [];
    return keys.split(', ');
  }
  throw new Error('nothing was wrong');
}

describe('docs/clusters.md', () => {
  test('has examples of every source, all of which are taken', () => {
    expect(sourcesIn('command').map(({ kind }) => kind)).toEqual(['command', 'command']);
    expect(sourcesIn('ssh').map(({ kind }) => kind)).toEqual(['ssh']);
    expect(sourcesIn('file').map(({ kind }) => kind)).toEqual(['file']);
    expect(sourcesIn('slurmrestd')).toMatchObject([
      { address: { socket: expect.any(String) as string }, token: null },
      { address: { url: expect.stringMatching(/^https/) as string }, token: { file: expect.any(String) as string } },
      {
        address: { url: expect.stringMatching(/^http:/) as string },
        token: { command: expect.any(Array) as string[] },
      },
    ]);
    expect(BLOCKS.filter(({ language }) => language === 'yaml')).toHaveLength(5);
  });

  test('has the keys that are known, and no others', () => {
    const cluster = (source: string) => `clusters:\n- name: a\n  account_kind: cc\n  time_zone: UTC\n  ${source}\n`;
    const known = [
      ...knownKeys('clusters:\n- x: 1\n'),
      ...['command', 'ssh', 'slurmrestd', 'file'].flatMap((kind) => knownKeys(cluster(`${kind}: { x: 1 }`))),
    ];
    const told = tableRows(PAGE).flatMap(([key = '']) => /^`([a-z_]+)`$/.exec(key)?.[1] ?? []);
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  test('has the defaults that are filled in', () => {
    const text = (takes: Record<string, string>) =>
      `clusters:\n- name: a\n  account_kind: cc\n  time_zone: UTC\n  command:\n${Object.entries(takes)
        .map(([key, value]) => `  ${key}: ${value}\n`)
        .join('')}`;
    const defaults = tableRows(PAGE).flatMap(([key = '', value = '']) =>
      /^`\d/.test(value) ? [[key.replaceAll('`', ''), value.replaceAll('`', '')]] : [],
    );
    expect(defaults).toHaveLength(4);
    expect(clustersOf(text(Object.fromEntries(defaults) as Record<string, string>), FILE)).toEqual(
      clustersOf(text({}), FILE),
    );
  });

  test('says what a wrong file is told', () => {
    const [, line = ''] = /^(\/etc.*)$/m.exec(BLOCKS.find(({ language }) => language === 'text')?.code ?? '') ?? [];
    const wrong = 'clusters:\n  - name: mila\n    account_kind: mila\n    time_zone: Montreal\n    command: {}\n';
    expect(() => clustersOf(wrong, FILE)).toThrow(line);
    expect(line).not.toBe('');
  });

  describe('has a job for cron', () => {
    let directory: string;
    let programs: string;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'clockwork-cron-'));
      programs = join(directory, 'bin');
      await mkdir(programs);
    });

    afterAll(() => rm(directory, { recursive: true }));

    /** @returns the files of each set */
    async function runScript(squeue: string): Promise<string[][]> {
      const script = BLOCKS.find(({ language }) => language === 'sh')?.code ?? '';
      const reports = await mkdtemp(join(directory, 'reports-'));
      for (const [name, body] of Object.entries({ squeue, scontrol: 'echo {}', sacct: 'echo {}' })) {
        await writeFile(join(programs, name), `#!/bin/sh\n${body}\n`);
        await chmod(join(programs, name), 0o755);
      }
      await promisify(execFile)('sh', ['-c', script.replace('/srv/clockwork/secret', reports)], {
        env: { ...process.env, PATH: `${programs}:${process.env['PATH'] ?? ''}` },
      }).catch(() => undefined);
      const sets = await readdir(reports);
      return Promise.all(
        sets.map(async (set) => {
          expect(set).toMatch(/^\d{10}$/);
          const files = await readdir(join(reports, set));
          if (!files.includes('complete')) return files;
          await promisify(execFile)('sha256sum', ['--check', '--strict', 'complete'], { cwd: join(reports, set) });
          expect(await readFile(join(reports, set, 'complete'), 'utf8')).toMatch(/ {2}jobs\.json\n/);
          return files.filter((file) => file !== 'sacct.json');
        }),
      );
    }

    test('whose set is complete once all of it is there', async () => {
      expect(await runScript('echo {}')).toEqual([['complete', 'jobs.json', 'nodes.json']]);
    });

    test('whose set is never complete where Slurm fails', async () => {
      const [files] = await runScript('exit 1');
      expect(files).not.toContain('complete');
    });
  });
});

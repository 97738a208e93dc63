import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { readConfiguration } from '#libs/common';
import { JOB_STATES, jobPhase } from '#libs/slurm';
import {
  type DocumentBlock,
  documentBlocks,
  documentText,
  headingAnchors,
  localLinks,
  tableRows,
} from '../support/document-blocks.js';
import { ScriptedSlurm } from '../support/scripted-slurm.js';
import { nothingRunsOn } from '../support/embedded-processes.js';
import { watchProcess, type WatchedProcess } from '../support/process-output.js';
import { copyProject, type ProjectCopy } from '../support/project-copy.js';

const README = documentBlocks('README.md');
const RECIPES = documentBlocks('docs/api.md').filter(({ language }) => language === 'python');
const INSTALL = 'npm ci && ';
const DEFAULT_URL = 'http://127.0.0.1:3000';
const BLOCK_END = '--- end of the block ---';
/** A job of the demo whose owner has the key that the README makes. */
const SLURM_JOB = { SLURM_JOB_ID: '233', SLURM_CLUSTER_NAME: 'mila' };

type Blocks = [DocumentBlock, ...DocumentBlock[]];

function section(name: string): Blocks {
  const [first, ...more] = README.filter((block) => block.section === name);
  if (first === undefined) throw new Error(`README.md has no code under "${name}"`);
  return [first, ...more];
}

/** Without what is of this test run and not of somebody's terminal. */
function terminalEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(npm_|CLOCKWORK_|MONGODB_URI$|HOST$|LOG_|NODE_OPTIONS$|JEST_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** Starts what a line such as `npm ci && npm start` starts, on a free port, and waits until it answers. */
async function start([block]: Blocks, directory: string): Promise<{ url: string; running: WatchedProcess }> {
  const command = block.code.trim();
  if (!command.startsWith(INSTALL)) throw new Error(`${command} does not begin with ${INSTALL}`);
  const running = watchProcess('bash', ['-c', `exec ${command.slice(INSTALL.length)}`], {
    cwd: directory,
    env: { ...terminalEnvironment(), PORT: '0' },
  });
  const [, url = ''] = await running.printed(/answers at (\S+)/);
  return { url, running };
}

/** Runs blocks one after another in one terminal. @param commands a directory of commands before all others @returns what each printed */
async function runInTerminal(
  blocks: readonly DocumentBlock[],
  directory: string,
  url: string,
  commands?: string,
): Promise<string[]> {
  const script = blocks
    .map(({ language, code }) => (language === 'python' ? `python3 - <<'END_OF_PYTHON'\n${code}END_OF_PYTHON\n` : code))
    .map((code) => `${code}echo; echo '${BLOCK_END}'\n`)
    .join('')
    .replaceAll(DEFAULT_URL, url);
  const terminal = watchProcess('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: directory,
    env: {
      ...terminalEnvironment(),
      ...SLURM_JOB,
      ...(commands === undefined ? {} : { PATH: `${commands}:${process.env['PATH'] ?? ''}` }),
    },
  });
  const { code } = await terminal.ended;
  if (code !== 0) throw new Error(`exit ${String(code)} after\n${terminal.stdout()}\n${terminal.stderr()}`);
  return terminal.stdout().split(`${BLOCK_END}\n`).slice(0, -1);
}

function expectAsWritten(blocks: readonly DocumentBlock[], outputs: readonly string[]): void {
  expect(outputs).toHaveLength(blocks.length);
  blocks.forEach(({ prints }, index) => {
    for (const line of prints) expect(outputs[index]?.split('\n')).toContain(line);
    expect(outputs[index]).not.toMatch(/"status": ?[45]\d\d/);
  });
}

function pythonRuns(code: string): boolean {
  try {
    execFileSync('python3', ['-c', code], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const hasPython = pythonRuns('');
const hasRequests = hasPython && pythonRuns('import requests');
const usesRequests = ({ code }: DocumentBlock) => code.includes('import requests');
const runsHere = (block: DocumentBlock) =>
  block.language !== 'python' || (usesRequests(block) ? hasRequests : hasPython);
const leftOut = hasRequests
  ? ''
  : ` (without ${hasPython ? 'what needs requests' : 'Python'}, which this machine does not have)`;
/** The recipes go on from one another, as cells of a notebook do. */
const notebook: DocumentBlock = {
  section: 'recipes',
  language: 'python',
  code: RECIPES.map(({ code }) => code).join('\n'),
  prints: RECIPES.flatMap(({ prints }) => prints),
};

let copy: ProjectCopy;
let service: { url: string; running: WatchedProcess } | undefined;

beforeAll(async () => {
  copy = await copyProject();
});

async function stop(): Promise<void> {
  service?.running.child.kill('SIGTERM');
  await service?.running.ended;
  service = undefined;
}

afterAll(async () => {
  await stop();
  await copy.remove();
});

describe('README.md, in a copy of the project; its `npm ci` is what has installed this one, and is not run again', () => {
  /** Runs blocks in one terminal beside the service, and holds what they print against what the page says. */
  async function follow(blocks: readonly DocumentBlock[]): Promise<string[]> {
    if (service === undefined) throw new Error('the service did not start');
    const outputs = await runInTerminal(blocks, copy.directory, service.url);
    expectAsWritten(blocks, outputs);
    return outputs;
  }

  describe('the demo', () => {
    it('starts', async () => {
      service = await start(section('Try it'), copy.directory);
      await service.running.printed(/Ctrl-C ends the demo/);
    });

    it(`is used from curl and Python, the recipes of docs/api.md included${leftOut}`, async () => {
      const blocks = [...section('Use it'), notebook].filter(runsHere);
      const outputs = await follow(blocks);
      expect(outputs[1]).toContain('"job_state":"RUNNING"');
      blocks.forEach((block, index) => {
        if (block === notebook) {
          expect(outputs[index]).toMatch(/\t234\tcrashes\t3:0\tfailed$/m);
          expect(outputs[index]).toMatch(/^232 .*\d+:\d\d:\d\d/m);
        } else if (block.language === 'python') {
          expect(outputs[index]).toMatch(/^232 train-resnet \{/m);
        }
      });
    });

    it('prints lines that can be pasted', async () => {
      const lines = service?.running.stdout().match(/^ {2}curl .*$/gm) ?? [];
      expect(lines.length).toBeGreaterThan(3);
      const outputs = await follow(
        lines.map((line) => ({ section: 'demo', language: 'sh', code: `${line}\n`, prints: [] })),
      );
      for (const output of outputs) expect(output).toMatch(/^(\[\{|\{"|\{\})/);
    });

    it('ends, and its database with it', async () => {
      await stop();
      await nothingRunsOn(copy.directory, 5_000);
    });
  });

  it('reads a cluster whose commands are there', async () => {
    const slurm = await ScriptedSlurm.create();
    try {
      await slurm.show([{ id: 12 }]);
      const [output] = await runInTerminal(section('Read your clusters'), copy.directory, DEFAULT_URL, slurm.directory);
      expect(output).toMatch(/^mila: .*\n {2}jobs: 1 /);
    } finally {
      await slurm.remove();
    }
  });

  describe('the service', () => {
    const [launch, ...firstSteps] = section('Run it for real');

    it('starts', async () => {
      service = await start([launch], copy.directory);
    });

    it('gets its first user, key and records', async () => {
      const outputs = await follow(firstSteps);
      expect(outputs.join('')).toContain('"mila_email_username":"ada@example.org"');
    });

    it('ends, and its database with it', async () => {
      await stop();
      await nothingRunsOn(copy.directory, 5_000);
    });
  });

  it('is tested by the command that runs this', () => {
    expect(section('Test it').map(({ code }) => code)).toEqual([`${INSTALL}npm test\n`]);
  });
});

describe('the documentation', () => {
  const PAGES = [
    'README.md',
    'docs/api.md',
    'docs/admin-api.md',
    'docs/deployment.md',
    'docs/faults.md',
    'docs/metrics.md',
    'docs/scaling.md',
    'docs/threat-model.md',
    'docs/operating.md',
    'docs/architecture.md',
    'docs/performance.md',
  ];

  it.each(PAGES)('%s links to what is there', (page) => {
    for (const { file, heading } of localLinks(page)) {
      const target = relative('.', file);
      expect([target, existsSync(file)]).toEqual([target, true]);
      if (heading !== undefined) expect(headingAnchors(file)).toContain(heading);
    }
  });

  it('architecture.md names files that are there', () => {
    const named = documentText('docs/architecture.md').match(/`(?:apps|libs|test|bin|fixtures|docs)\/[\w./-]+`/g) ?? [];
    expect(named.length).toBeGreaterThan(20);
    for (const path of named.map((quoted) => quoted.slice(1, -1)).filter((each) => !/[A-Z]{3}/.test(each))) {
      expect([path, existsSync(path)]).toEqual([path, true]);
    }
  });

  it('.env.example and operating.md have the variables that are read, and no others', () => {
    const read = new Set<string>();
    readConfiguration(
      new Proxy<NodeJS.ProcessEnv>(
        {},
        {
          get: (_, name) => {
            read.add(String(name));
            return undefined;
          },
        },
      ),
    );
    const names = [...read].sort();
    const examples = [...documentText('.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
    const rows = tableRows('docs/operating.md').flatMap(([first = '']) => /^`([A-Z_]+)`$/.exec(first)?.[1] ?? []);
    expect(names.length).toBeGreaterThan(5);
    expect(examples.sort()).toEqual(names);
    expect([...new Set(rows)].sort()).toEqual(names);
  });

  it('api.md says of every state of Slurm what it comes to', () => {
    const told = tableRows('docs/api.md').flatMap(([states = '', phase = '', outcome = '']) =>
      /`[A-Z_]{6,}`/.test(states) && phase.startsWith('`')
        ? [...states.matchAll(/`([A-Z_]+)`/g)].map(([, state]) => [state, phase, outcome])
        : [],
    );
    const actual = JOB_STATES.map((state) => {
      const { phase, outcome } = jobPhase(state);
      return [state, `\`${phase}\``, `\`${outcome ?? 'null'}\``];
    });
    expect(told.sort()).toEqual(actual.sort());
  });
});

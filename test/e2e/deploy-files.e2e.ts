import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { isInstalled } from '../support/programs.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Ours, below `deploy`; what an admin has made there is not looked at. */
const FILES = readdirSync(join(ROOT, 'deploy'), { recursive: true, encoding: 'utf8' })
  .map((name) => `deploy/${name}`)
  .filter((path) => !path.startsWith('deploy/compose/secrets') && statSync(join(ROOT, path)).isFile());
const UNITS = FILES.filter((path) => path.endsWith('.service'));
const YAML_FILES = FILES.filter((path) => path.endsWith('.yaml') && !path.includes('/templates/'));

const { version } = JSON.parse(read('package.json')) as { version: string };
const DOCKERFILE = read('Dockerfile');
const COMPOSE = read('deploy/compose/compose.yaml');
const DEPLOYMENT = read('deploy/helm/clockwork/templates/deployment.yaml');

/** All that a pattern's first group finds in a text, each once. */
function found(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))];
}

/** A port of the settings' default, as `.env.example` tells it. */
const [PORT = ''] = found(read('.env.example'), /^#PORT=(\d+)$/gm);

describe('settings', () => {
  const documented = new Set(found(read('.env.example'), /^#(\w+)=/gm));
  /** Not Clockwork's own. */
  const foreign = new Set(['NODE_ENV', 'XDG_CACHE_HOME']);

  const SET: [file: string, names: string[]][] = [
    ['Dockerfile', found(found(DOCKERFILE, /^ENV (.*)$/gm).join(' '), /(\w+)=/g)],
    ['deploy/helm/clockwork/templates/deployment.yaml', found(DEPLOYMENT, /^ +- name: ([A-Z]\w+)$/gm)],
    ['deploy/compose/compose.yaml', found(COMPOSE.slice(0, COMPOSE.indexOf('x-mongo:')), /^ +([A-Z]\w+): /gm)],
    ['deploy/compose/make-secrets', found(read('deploy/compose/make-secrets'), /^#?([A-Z]\w+)=/gm)],
    ['deploy/systemd/clockwork.env', found(read('deploy/systemd/clockwork.env'), /^#?([A-Z]\w+)=/gm)],
    ...UNITS.map((path): [string, string[]] => [
      path,
      found(found(read(path), /^Environment=(.*)$/gm).join(' '), /(\w+)=/g),
    ]),
  ];

  it.each(SET)('%s sets what there is to set', (_file, names) => {
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !documented.has(name) && !foreign.has(name))).toEqual([]);
  });

  it.each(FILES)('%s names no setting that there is not', (path) => {
    expect(found(read(path), /\b(CLOCKWORK_[A-Z_]+)\b/g).filter((name) => !documented.has(name))).toEqual([]);
  });

  it('all listen on, and are asked at, the port that is the default', () => {
    expect(PORT).toMatch(/^\d+$/);
    expect(found(DOCKERFILE, /\bPORT=(\d+)/g)).toEqual([PORT]);
    expect(found(DOCKERFILE, /^EXPOSE (\d+)$/gm)).toEqual([PORT]);
    expect(found(DEPLOYMENT, /containerPort: (\d+)/g)).toEqual([PORT]);
    expect(found(DEPLOYMENT, /name: PORT\n +value: '(\d+)'/g)).toEqual([PORT]);
    expect(found(read('deploy/systemd/clockwork.env'), /^PORT=(\d+)$/gm)).toEqual([PORT]);
    expect(found(read('deploy/compose/upstreams.conf'), /server api\d:(\d+) /g)).toEqual([PORT]);
  });
});

describe('YAML', () => {
  it.each(YAML_FILES)('%s can be read', (path) => {
    for (const document of parseAllDocuments(read(path), { merge: true })) {
      expect(document.errors).toEqual([]);
      expect(document.warnings).toEqual([]);
      expect(document.toJS()).toEqual(expect.any(Object));
    }
  });

  it('each service of compose.yaml is without rights, and has a limit and an end of its log', () => {
    const compose = parseAllDocuments(COMPOSE, { merge: true })[0]?.toJS() as {
      services: Record<string, Record<string, unknown>>;
      secrets: Record<string, { file: string }>;
    };
    const names = Object.keys(compose.services);
    expect(names).toEqual(['nginx', 'api1', 'api2', 'mongo1', 'mongo2', 'mongo3', 'mongo-init']);
    for (const name of names) {
      expect({ name, ...compose.services[name] }).toMatchObject({
        name,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        logging: { options: { 'max-size': expect.any(String) as string } },
        deploy: { resources: { limits: { memory: expect.any(String) as string, pids: expect.any(Number) as number } } },
      });
    }
    const made = read('deploy/compose/make-secrets');
    for (const { file } of Object.values(compose.secrets)) expect(made).toContain(file.replace('./secrets/', ''));
  });
});

describe('images', () => {
  const images = [...found(DOCKERFILE, /^FROM (\S+)/gm), ...found(COMPOSE, /^ +image: (\S+)$/gm)];

  it.each(images)('%s is pinned to a version', (image) => {
    expect(image).toMatch(/^[\w./-]+:\d+\.\d+[\w.-]*$/);
  });

  it('Node is the one that the lockfile pins', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version?: string }> };
    expect(found(DOCKERFILE, /^FROM node:([\d.]+)-/gm)).toEqual([lock.packages['node_modules/node']?.version]);
  });

  it('Clockwork has the version of the package, in the chart too', () => {
    expect(found(COMPOSE, /image: clockwork:(\S+)/g)).toEqual([version]);
    expect(found(read('deploy/helm/clockwork/Chart.yaml'), /^appVersion: '?([\d.]+)'?$/gm)).toEqual([version]);
  });

  it('whatever is copied from the sources is there, and is not left out by .dockerignore', () => {
    const sources = found(DOCKERFILE, /^COPY (?!--from)(.*) \S+$/gm).flatMap((words) => words.split(' '));
    expect(sources).toContain('apps');
    const taken = found(read('.dockerignore'), /^!(.*)$/gm);
    for (const source of sources) {
      expect(existsSync(join(ROOT, source))).toBe(true);
      expect(taken).toContain(source);
    }
  });

  it('what is started in it is built', () => {
    const programs = found(DOCKERFILE, /^CMD \["node", "(.*)"\]$/gm);
    expect(programs).toEqual(['dist/apps/api/main.js']);
    expect(existsSync(join(ROOT, programs[0] ?? ''))).toBe(true);
  });
});

describe('systemd', () => {
  it('all paths of an installation are there', () => {
    const files = FILES.filter((path) => path.startsWith('deploy/systemd/'));
    const paths = [...new Set(files.flatMap((path) => found(read(path), /\/opt\/clockwork\/([^\s"']+)/g)))];
    expect(paths).toContain('dist/apps/api/main.js');
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('the units are locked up alike', () => {
    const locks = UNITS.map((path) => {
      const text = read(path);
      return text.slice(text.indexOf('UMask=')).split('\n\n', 1)[0]?.trim();
    });
    expect(locks).toHaveLength(3);
    expect(new Set(locks).size).toBe(1);
    expect(locks[0]).toContain('ProtectSystem=strict');
  });
});

describe('nginx', () => {
  it('compose has the same upstreams, but for their addresses', () => {
    const withoutAddresses = (path: string) =>
      read(path)
        .replace(/^#.*\n\n/, '')
        .replaceAll(/server \S+/g, 'server');
    expect(withoutAddresses('deploy/compose/upstreams.conf')).toBe(
      withoutAddresses('deploy/nginx/clockwork-upstreams.conf'),
    );
  });
});

/** What other programs say, where they are there. */
describe('checked by', () => {
  const CHECKS: [program: string, args: string[]][] = [
    ['hadolint', ['Dockerfile']],
    ['helm', ['lint', '--strict', 'deploy/helm/clockwork']],
    ['helm', ['lint', '--strict', '--set', 'tls.existingSecret=pair', 'deploy/helm/clockwork']],
    ...UNITS.map((unit): [string, string[]] => [
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', '--threshold=20', unit],
    ]),
    ...['deploy/compose/make-secrets', 'deploy/systemd/clockwork'].map((script): [string, string[]] => [
      'sh',
      ['-n', script],
    ]),
  ];
  for (const [program, args] of CHECKS) {
    const isThere = isInstalled(program, '--version');
    const name = `${program} ${args.join(' ')}`;
    (isThere ? it : it.skip)(isThere ? name : `${name} (skipped: no ${program} on the PATH)`, () => {
      const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });
      expect({ status, told: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, told: '' });
    });
  }
});

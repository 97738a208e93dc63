import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { tableRows } from '../support/document-blocks.js';
import { describedMetrics, scrape } from '../support/metrics.js';

const DASHBOARD = 'deploy/grafana/clockwork.json';
const ALERTS = 'deploy/prometheus/alerts.yaml';

let service: ClockworkService;
let text: string;

beforeAll(async () => {
  service = await startService();
  text = await scrape(service.url, await service.keyOf('root@example.org', ['--admin']));
}, 120_000);

afterAll(() => service.stop());

/** What is described in docs/metrics.md, as `name type help`. */
function documented(): string[] {
  return tableRows('docs/metrics.md')
    .filter(([name = '']) => /^`[a-z0-9_]+`$/.test(name))
    .map(([name = '', type = '', , help = '']) => `${name.replaceAll('`', '')} ${type} ${help.replaceAll('`', '')}`);
}

/** Those that a text speaks of, whatever part of a histogram it takes. */
function namesIn(source: string): string[] {
  const names = [...source.matchAll(/\b(?:clockwork|process|nodejs)_[a-z0-9_]+\b/g)].map(([name]) => name);
  return [...new Set(names)].map((name) => {
    const family = name.replace(/_(bucket|sum|count)$/, '');
    return describedMetrics(text).get(family)?.type === 'histogram' ? family : name;
  });
}

function promtool(args: string[], input = ''): string {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return `${status ?? ''} ${stdout}${stderr}`;
}

test('docs/metrics.md has every metric that is printed, of this type and meaning, and no other', () => {
  const printed = [...describedMetrics(text)].map(([name, { type, help }]) => `${name} ${type} ${help}`);
  expect(documented().toSorted()).toEqual(printed.toSorted());
});

test('every metric is named as Prometheus does it', () => {
  for (const [name, { type, help }] of describedMetrics(text)) {
    expect(name).toMatch(/^(clockwork|process|nodejs)_[a-z0-9_]+$/);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(help).not.toBe('');
  }
});

describe.each([DASHBOARD, ALERTS])('%s', (file) => {
  const source = readFileSync(file, 'utf8');

  test('asks for metrics alone that there are', () => {
    const known = describedMetrics(text);
    expect(namesIn(source).length).toBeGreaterThan(10);
    expect(namesIn(source).filter((name) => !known.has(name))).toEqual([]);
  });
});

test('the dashboard is one of Grafana, whose every panel asks something', () => {
  const { panels, title } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
    title: string;
    panels: { type: string; title: string; targets?: { expr: string }[] }[];
  };
  expect(title).toBe('Clockwork');
  for (const panel of panels.filter(({ type }) => type !== 'row')) {
    expect([panel.title, (panel.targets ?? []).every(({ expr }) => expr !== ''), panel.targets?.length]).toEqual([
      panel.title,
      true,
      expect.any(Number),
    ]);
  }
});

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

describe(hasPromtool ? 'promtool' : 'skipped, as promtool (Debian: prometheus) is not on the PATH:', () => {
  const check = hasPromtool ? test : test.skip;

  check('finds nothing wrong with what is printed', () => {
    expect(promtool(['check', 'metrics'], text)).toBe('0 ');
  });

  check('takes the alerts', () => {
    expect(promtool(['check', 'rules', ALERTS])).toMatch(/^0 [^]*SUCCESS/);
  });

  check('finds that they fire when they should, and only then', () => {
    expect(promtool(['test', 'rules', 'deploy/prometheus/alerts.test.yaml'])).toMatch(/^0 [^]*SUCCESS/);
  });

  check('takes the example of a configuration', () => {
    const file = 'deploy/prometheus/prometheus.yaml';
    expect(promtool(['check', 'config', '--syntax-only', file])).toMatch(/^0 [^]*SUCCESS/);
  });

  check("takes the dashboard's questions", () => {
    const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: { targets?: { expr: string }[] }[] };
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const rules = asked.map((expr, index) => ({
      record: `asked:${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    const file = { groups: [{ name: 'dashboard', rules }] };
    const directory = mkdtempSync(join(tmpdir(), 'clockwork-dashboard-'));
    try {
      writeFileSync(join(directory, 'asked.yaml'), JSON.stringify(file));
      expect(promtool(['check', 'rules', join(directory, 'asked.yaml')])).toMatch(/^0 [^]*SUCCESS/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

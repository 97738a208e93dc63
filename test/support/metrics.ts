import { exchange } from './http-exchange.js';

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** What `/metrics` prints. */
export async function scrape(url: string, key: string, accept = 'text/plain'): Promise<string> {
  const answer = await exchange(url, '/metrics', { key, headers: { Accept: accept } });
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}: ${answer.text}`);
  return answer.text;
}

/** The samples of one name, in the order of their labels. */
export function samplesOf(text: string, name: string): Sample[] {
  return [...text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm)]
    .filter(([, found]) => found === name)
    .map(([, , labels = '', value]) => ({ labels: labelsIn(labels), value: Number(value) }))
    .toSorted((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1));
}

/** The sum of those samples that have these labels, whatever others they have. */
export function valueOf(text: string, name: string, labels: Record<string, string> = {}): number {
  return samplesOf(text, name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

/** What is described, by name: its kind and what it says. */
export function describedMetrics(text: string): Map<string, { type: string; help: string }> {
  const help = new Map([...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', told = '']) => [name, told]));
  return new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [
      name,
      { type, help: help.get(name) ?? '' },
    ]),
  );
}

function labelsIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)),
    ]),
  );
}

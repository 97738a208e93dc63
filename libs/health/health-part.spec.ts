import { overallOf, type Status } from './health-part.js';

const overall = (...statuses: Status[]) => overallOf(statuses.map((status) => ({ status })));

describe('overallOf', () => {
  it.each([
    [[], 'ok'],
    [['ok', 'ok'], 'ok'],
    [['ok', 'unknown'], 'degraded'],
    [['degraded', 'ok'], 'degraded'],
    [['ok', 'failing', 'degraded', 'unknown'], 'failing'],
  ] as const)('%j is %s', (statuses, expected) => {
    expect(overall(...statuses)).toBe(expected);
  });
});

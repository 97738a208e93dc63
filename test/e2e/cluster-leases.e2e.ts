import { setTimeout as sleep } from 'node:timers/promises';
import { newDatabase } from '../support/clockwork-service.js';
import { type ClusterServices, openClusterServices } from '../support/cluster-services.js';
import { eventually } from '../support/eventually.js';

const LONG_MS = 60_000;
const SHORT_MS = 300;

let one: ClusterServices;
let other: ClusterServices;

beforeAll(async () => {
  const environment = { MONGODB_URI: newDatabase() };
  one = await openClusterServices(environment);
  other = await openClusterServices(environment);
});

afterAll(async () => {
  await one.close();
  await other.close();
});

describe('the lease of a cluster', () => {
  test('is had by whoever takes it first, and by the same again', async () => {
    const asked = performance.now();
    const taken = await one.leases.take('first', 'a', LONG_MS);
    expect(taken).toMatchObject({ held: true });
    const heldFor = taken.held ? taken.heldUntil - asked : 0;
    expect(heldFor).toBeGreaterThanOrEqual(LONG_MS - 1);
    expect(heldFor).toBeLessThan(LONG_MS + 1_000);
    expect(await other.leases.take('first', 'b', LONG_MS)).toEqual({
      held: false,
      by: { holder: 'a', until: expect.any(Date) as Date },
    });
    expect(await one.leases.take('first', 'a', LONG_MS)).toMatchObject({ held: true });
  });

  test('is of one cluster: others have theirs', async () => {
    expect(await one.leases.take('mine', 'a', LONG_MS)).toMatchObject({ held: true });
    expect(await other.leases.take('yours', 'b', LONG_MS)).toMatchObject({ held: true });
  });

  test('is prolonged by its holder alone, and by nobody once it was given back', async () => {
    await one.leases.take('renewed', 'a', SHORT_MS);
    expect(await other.leases.renew('renewed', 'b', LONG_MS)).toMatchObject({ held: false, by: { holder: 'a' } });
    expect(await one.leases.renew('renewed', 'a', LONG_MS)).toMatchObject({ held: true });
    await sleep(2 * SHORT_MS);
    expect(await other.leases.take('renewed', 'b', LONG_MS)).toMatchObject({ held: false, by: { holder: 'a' } });
    await one.leases.release('renewed', 'a');
    expect(await one.leases.renew('renewed', 'a', LONG_MS)).toEqual({ held: false, by: null });
  });

  test('that is given back can be taken at once; what is another’s is not given back', async () => {
    await one.leases.take('released', 'a', LONG_MS);
    await other.leases.release('released', 'b');
    expect(await other.leases.take('released', 'b', LONG_MS)).toMatchObject({ held: false });
    await one.leases.release('released', 'a');
    expect(await other.leases.take('released', 'b', LONG_MS)).toMatchObject({ held: true });
  });

  test('that has expired is taken over, and its holder hears of it', async () => {
    await one.leases.take('expired', 'a', SHORT_MS);
    await eventually(async () => {
      expect(await other.leases.take('expired', 'b', LONG_MS)).toMatchObject({ held: true });
    });
    expect(await one.leases.renew('expired', 'a', LONG_MS)).toMatchObject({ held: false, by: { holder: 'b' } });
    expect(await one.leases.take('expired', 'a', LONG_MS)).toMatchObject({ held: false, by: { holder: 'b' } });
  });

  test('is taken by one of many who try at the same moment, where there was none', async () => {
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          (index % 2 === 0 ? one : other).leases.take(`rush ${round}`, `holder ${index}`, LONG_MS),
        ),
      );
      expect(answers.filter(({ held }) => held)).toHaveLength(1);
    }
  });

  test('has never two holders, while many take, prolong, let expire and give back', async () => {
    const spans: { name: string; from: number; until: number }[] = [];
    const deadline = performance.now() + 4_000;
    const contend = async (name: string, { leases }: ClusterServices): Promise<void> => {
      while (performance.now() < deadline) {
        const answer = await leases.take('contended', name, 40);
        if (!answer.held) continue;
        const from = performance.now();
        // Whoever relies on it no longer than it says is alone.
        let until = answer.heldUntil;
        if (from >= until) continue;
        const renewed = Math.random() < 0.3 ? await leases.renew('contended', name, 40) : null;
        if (renewed?.held === true && performance.now() < until) until = renewed.heldUntil;
        const givesBack = Math.random() < 0.3;
        await sleep(Math.max(0, until - performance.now() - (givesBack ? 10 : 0)));
        spans.push({ name, from, until: Math.min(until, performance.now()) });
        if (givesBack) await leases.release('contended', name);
      }
    };
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => contend(`contender ${index}`, index % 2 === 0 ? one : other)),
    );
    const inOrder = spans.toSorted((a, b) => a.from - b.from);
    const early = inOrder.filter(({ from }, at) => from < (inOrder[at - 1]?.until ?? 0));
    expect(early).toEqual([]);
    expect(spans.length).toBeGreaterThan(20);
    const held = new Set(spans.map(({ name }) => name));
    expect(held.size).toBeGreaterThan(1);
  });

  test('takes a holder whose name is an expression for text', async () => {
    expect(await one.leases.take('$name', '$$NOW', LONG_MS)).toMatchObject({ held: true });
    expect(await one.leases.take('$name', 'a', LONG_MS)).toMatchObject({ by: { holder: '$$NOW' } });
  });
});

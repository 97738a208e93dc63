import type { TargetPlace } from '../target.ts';
import { type CampaignResult, fuzzTarget } from './campaign.ts';

/** The first is enough on an idle machine. A campaign ends with the time, not with a finding. */
const SECONDS = [6, 24, 72];
const PATIENCE_MS = 120_000;

function planted(name: string): TargetPlace {
  return { description: '', module: new URL(`../planted/${name}.ts`, import.meta.url), covers: '/test/fuzz/planted/' };
}

function fuzz(name: string, seconds: number): Promise<CampaignResult> {
  return fuzzTarget(planted(name), { seed: 1, seconds, inputs: null, earlier: [] });
}

/** In as little time as this machine lets it. */
async function fuzzUntilFound(name: string): Promise<CampaignResult> {
  for (const seconds of SECONDS) {
    const result = await fuzz(name, seconds);
    if (result.findings.length > 0) return result;
  }
  throw new Error(`nothing was found in ${SECONDS.at(-1)} s`);
}

function texts({ findings }: CampaignResult): [reason: string, input: string][] {
  return findings.map(({ reason, input }) => [reason.split('\n', 1)[0] ?? '', Buffer.from(input).toString('latin1')]);
}

describe('fuzzTarget', () => {
  it(
    'comes to what nobody meets by chance, by what each input reaches, and shortens it',
    async () => {
      const result = await fuzzUntilFound('crash');
      expect(texts(result)).toEqual([['RangeError: the planted crash', 'FUZ!Z']]);
      expect(result).toMatchObject({ corpus: 6, reached: result.total });
    },
    PATIENCE_MS,
  );

  it.each([
    ['hang', /^Hang: no end within/, 'stop'],
    ['memory', /^The thread ended: .*memory limit/, 'grow'],
  ])('finds an input with no end of %s, and which one it was', async (name, reason, input) => {
    expect(texts(await fuzz(name, 1))).toEqual([[expect.stringMatching(reason), input]]);
  });

  it(
    'finds what takes the square of its length',
    async () => {
      expect(texts(await fuzzUntilFound('slow'))).toEqual([
        [expect.stringMatching(/^(Slow|Hang): /), expect.any(String)],
      ]);
      // What is found is shortened by trying, each try as slow as it is.
    },
    PATIENCE_MS,
  );

  it('runs inputs of its caller alone', async () => {
    const inputs = [Buffer.from('FUZ!Z and more'), Buffer.from('other')];
    const result = await fuzzTarget(planted('crash'), { seed: 1, seconds: 60, inputs, earlier: [] });
    expect(texts(result)).toEqual([['RangeError: the planted crash', 'FUZ!Z']]);
  });
});

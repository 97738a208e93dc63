import { helpText, readOptions, SCENARIOS, UsageError } from './options.ts';

describe('the options of the campaign', () => {
  it('are all scenarios, fifty kills and a seed that is drawn, unless something else is said', () => {
    const options = readOptions([]);
    expect(options).toMatchObject({ only: Object.keys(SCENARIOS), kills: 50, short: false, output: null, jest: [] });
    expect(options?.seed).toBeGreaterThan(0);
    expect(readOptions(['--short'])).toMatchObject({ kills: 4, short: true });
    expect(readOptions(['--only', 'disk,clock', '--kills=7', '--seed', '12', '--output', 'docs'])).toMatchObject({
      only: ['disk', 'clock'],
      kills: 7,
      seed: 12,
      output: 'docs',
    });
  });

  it('leave to jest what is after two dashes', () => {
    expect(readOptions(['--short', '--', '--json', '--outputFile=all.json'])?.jest).toEqual([
      '--json',
      '--outputFile=all.json',
    ]);
  });

  it.each([[['--only', 'fire']], [['--kills', '0']], [['--kills', 'many']], [['--seed', '-1']], [['--fast']]])(
    '%j is refused',
    (args) => {
      expect(() => readOptions(args)).toThrow(UsageError);
    },
  );

  it('are told by --help, each scenario with what it does', () => {
    expect(readOptions(['--help'])).toBeNull();
    for (const [name, what] of Object.entries(SCENARIOS))
      expect(helpText()).toMatch(new RegExp(`${name} +${what}`.replace(/[()]/g, '\\$&')));
  });
});

import { helpText, readOptions, UsageError } from './options.ts';

describe('the options of npm run test:slurm', () => {
  it('are the release of the packages and nothing for jest, unless said', () => {
    expect(readOptions([])).toEqual({ release: 'bookworm', jest: [] });
  });

  it.each([[['--release', 'forky', '-t', 'requeue']], [['-t', 'requeue', '--release=forky']]])(
    'name a release, and leave the rest to jest: %j',
    (args) => {
      expect(readOptions(args)).toEqual({ release: 'forky', jest: ['-t', 'requeue'] });
    },
  );

  it.each([[['--release', 'buster']], [['--release']], [['--release=']], [['--release=toString']]])(
    'refuse a release that is not known: %j',
    (args) => {
      expect(() => readOptions(args)).toThrow(UsageError);
    },
  );

  it('ask for help', () => {
    expect(readOptions(['--release', 'trixie', '--help'])).toBeNull();
    expect(helpText()).toContain('trixie    Slurm 24.11');
  });
});

import { helpText, readOptions, UsageError } from './options.ts';

describe('readOptions', () => {
  it.each([
    [['--seed', '7'], { short: false, seed: 7, only: null, jest: [] }],
    [['--seed=0', '--short', '--only', 'connections'], { short: true, seed: 0, only: 'connections', jest: [] }],
    [['--seed=1', '--', '--json'], { short: false, seed: 1, only: null, jest: ['--json'] }],
    [['--help'], null],
  ])('reads %j', (args, expected) => {
    expect(readOptions(args)).toEqual(expected);
  });

  it.each([
    [['--shorter'], /--shorter/],
    [['--only', 'all'], '--only takes schemathesis, connections, slow-peers, not "all"'],
    [['--seed', '2147483648'], '--seed takes an integer from 0 to 2147483647, not "2147483648"'],
    [['--seed', 'x'], '--seed takes'],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('helpText', () => {
  it('says what each option is', () => {
    for (const option of ['--short', '--seed', '--only', '--help']) expect(helpText()).toContain(option);
  });
});

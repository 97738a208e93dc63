import { helpText, readOptions, UsageError } from './options.ts';

const TARGETS = ['bson-bytes', 'query'];
const DEFAULTS = { only: null, seconds: 60, output: 'fuzz-findings', input: null };

describe('readOptions', () => {
  it.each([
    [['--seed', '7'], { ...DEFAULTS, seed: 7 }],
    [['--seed=0', '--short'], { ...DEFAULTS, seed: 0, seconds: 3 }],
    [
      ['--seed', '7', '--seconds', '120', '--only', 'query,bson-bytes'],
      { ...DEFAULTS, seed: 7, seconds: 120, only: ['query', 'bson-bytes'] },
    ],
    [
      ['--seed', '7', '--only', 'query', '--input', 'file', '--output', 'there'],
      { ...DEFAULTS, seed: 7, only: ['query'], input: 'file', output: 'there' },
    ],
    [['--help'], null],
  ])('reads %j', (args, expected) => {
    expect(readOptions(args, TARGETS)).toEqual(expected);
  });

  it('takes any seed where none is given', () => {
    const seeds = Array.from({ length: 5 }, () => readOptions([], TARGETS)?.seed);
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  it.each([
    [['--second', '5'], /--second/],
    [['--seconds', '0'], '--seconds takes an integer from 1 to 86400, not "0"'],
    [['--seconds', '1e3'], '--seconds takes an integer from 1 to 86400, not "1e3"'],
    [['--short', '--seconds', '5'], '--short and --seconds are two ways to say how long'],
    [['--only', 'bson'], '--only takes bson-bytes, query, not "bson"'],
    [['--input', 'file'], '--input needs one name in --only'],
    [['--seed', '4294967296'], '--seed takes an integer from 0 to 4294967295, not "4294967296"'],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args, TARGETS)).toThrow(UsageError);
    expect(() => readOptions(args, TARGETS)).toThrow(message);
  });
});

describe('helpText', () => {
  it('names every target that --only takes', () => {
    expect(helpText({ query: 'query strings' })).toMatch(/^ +query +query strings$/m);
  });
});

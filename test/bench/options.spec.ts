import { helpText, readOptions, UsageError } from './options.ts';

const GROUPS = ['list', 'memory'];
const DEFAULTS = { jobs: 100_000, rounds: 5, seconds: 2, only: null, output: 'docs' };

describe('readOptions', () => {
  it.each([
    [[], DEFAULTS],
    [['--jobs', '1000000', '--rounds=3'], { ...DEFAULTS, jobs: 1_000_000, rounds: 3 }],
    [['--only', 'list,memory', '--seconds', '0.5'], { ...DEFAULTS, seconds: 0.5, only: GROUPS, output: null }],
    [['--only=list', '--output', 'there'], { ...DEFAULTS, only: ['list'], output: 'there' }],
    [['--help'], null],
  ])('reads %j', (args, expected) => {
    expect(readOptions(args, GROUPS)).toEqual(expected);
  });

  it.each([
    [['--job', '5'], /--job/],
    [['100'], /100/],
    [['--jobs', '1e6'], '--jobs takes an integer from 1000 on, not "1e6"'],
    [['--jobs', '10'], '--jobs takes an integer from 1000 on, not "10"'],
    [['--rounds', '0'], '--rounds takes an integer from 1 on, not "0"'],
    [['--rounds', '1.5'], '--rounds takes an integer from 1 on, not "1.5"'],
    [['--only', 'lists'], '--only takes list, memory, not "lists"'],
    [['--jobs'], /--jobs/],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args, GROUPS)).toThrow(UsageError);
    expect(() => readOptions(args, GROUPS)).toThrow(message);
  });
});

describe('helpText', () => {
  it('names every figure that --only takes', () => {
    expect(helpText({ list: 'the whole list' })).toMatch(/^ +list +the whole list$/m);
  });
});

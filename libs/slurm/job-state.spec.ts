import fc from '../../test/support/seeded-fast-check.js';
import { JOB_OUTCOMES, JOB_PHASES, JOB_STATES, jobPhase, parseJobState } from './job-state.js';

/** The contract's table, written out by hand: every name, alone. */
const ALONE: Record<string, [phase: string, outcome: string | null]> = {
  PENDING: ['pending', null],
  RUNNING: ['running', null],
  SUSPENDED: ['running', null],
  COMPLETED: ['finished', 'completed'],
  CANCELLED: ['finished', 'cancelled'],
  FAILED: ['finished', 'failed'],
  TIMEOUT: ['finished', 'timeout'],
  DEADLINE: ['finished', 'timeout'],
  NODE_FAIL: ['finished', 'node_failure'],
  BOOT_FAIL: ['finished', 'node_failure'],
  PREEMPTED: ['finished', 'preempted'],
  OUT_OF_MEMORY: ['finished', 'out_of_memory'],
  REVOKED: ['finished', 'cancelled'],
  COMPLETING: ['running', null],
  CONFIGURING: ['running', null],
  STOPPED: ['running', null],
  RESIZING: ['running', null],
  SIGNALING: ['running', null],
  STAGE_OUT: ['running', null],
  REQUEUED: ['pending', null],
  REQUEUE_FED: ['pending', null],
  REQUEUE_HOLD: ['pending', null],
  SPECIAL_EXIT: ['pending', null],
  RESV_DEL_HOLD: ['pending', null],
  LAUNCH_FAILED: ['unknown', null],
  UPDATE_DB: ['unknown', null],
  RECONFIG_FAIL: ['unknown', null],
  POWER_UP_NODE: ['unknown', null],
  EXPEDITING: ['unknown', null],
};
const BASES = Object.keys(ALONE).slice(0, 12);
const FLAGS = Object.keys(ALONE).filter((name) => !BASES.includes(name));

describe('jobPhase', () => {
  it('covers every name that Slurm has', () => {
    expect([...JOB_STATES].sort()).toEqual(Object.keys(ALONE).sort());
  });

  it.each(Object.entries(ALONE))('%s alone', (state, [phase, outcome]) => {
    expect(jobPhase(state)).toEqual({ phase, outcome });
  });

  it.each(BASES.flatMap((base) => FLAGS.map((flag) => [base, flag])))(
    '%s beside %s: the base decides',
    (base, flag) => {
      expect(jobPhase(base, [flag])).toEqual(jobPhase(base));
      const parsed = parseJobState([flag, base]);
      expect(jobPhase(parsed.state, parsed.flags)).toEqual(jobPhase(base));
    },
  );

  it('does not take an end from several flags of which one is not the end, in whatever order', () => {
    expect(jobPhase('REVOKED', ['COMPLETING']).phase).toBe('running');
    expect(jobPhase('COMPLETING', ['REVOKED']).phase).toBe('running');
    expect(jobPhase('REVOKED', ['REQUEUED']).phase).toBe('pending');
  });

  it('lets a flag that decides nothing leave the decision to the next', () => {
    expect(jobPhase('LAUNCH_FAILED', ['REQUEUED']).phase).toBe('pending');
  });

  it.each(['', 'HIBERNATED', 'completed', '__proto__', 'constructor'])('knows nothing of the state %j', (state) => {
    expect(jobPhase(state)).toEqual({ phase: 'unknown', outcome: null });
    expect(jobPhase(state, ['COMPLETING'])).toEqual({ phase: 'unknown', outcome: null });
  });

  it('gives names from the closed lists, and an outcome once finished alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...JOB_STATES), fc.subarray([...JOB_STATES]), (state, flags) => {
        const { phase, outcome } = jobPhase(state, flags);
        expect(JOB_PHASES).toContain(phase);
        if (phase === 'finished') expect(JOB_OUTCOMES).toContain(outcome);
        else expect(outcome).toBeNull();
      }),
    );
  });

  it('gives an answer of its own each time', () => {
    jobPhase('COMPLETED').outcome = 'failed';
    jobPhase('COMPLETING').phase = 'finished';
    expect(jobPhase('COMPLETED').outcome).toBe('completed');
    expect(jobPhase('COMPLETING').phase).toBe('running');
  });
});

describe('parseJobState', () => {
  it.each<[string | string[], string, string[]]>([
    ['RUNNING', 'RUNNING', []],
    ['running', 'RUNNING', []],
    ['CANCELLED by 123', 'CANCELLED', []],
    ['cancelled BY 0 ', 'CANCELLED', []],
    ['FAILED,COMPLETING', 'FAILED', ['COMPLETING']],
    ['FAILED+COMPLETING', 'FAILED', ['COMPLETING']],
    ['COMPLETING,FAILED', 'FAILED', ['COMPLETING']],
    [['FAILED', 'COMPLETING'], 'FAILED', ['COMPLETING']],
    [['PENDING', 'SPECIAL_EXIT'], 'PENDING', ['SPECIAL_EXIT']],
    [['SPECIAL_EXIT', 'PENDING'], 'PENDING', ['SPECIAL_EXIT']],
    [['CANCELLED by 7', 'COMPLETING'], 'CANCELLED', ['COMPLETING']],
    ['COMPLETING', 'COMPLETING', []],
    [['RUNNING', 'RUNNING'], 'RUNNING', []],
    ['HIBERNATED', 'HIBERNATED', []],
    ['', '', []],
    [[], '', []],
    [' , + ', '', []],
  ])('%j', (value, state, flags) => {
    expect(parseJobState(value)).toEqual({ state, flags });
  });

  it('is total, and reads its own answer as itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' }))), (value) => {
        const { state, flags } = parseJobState(value);
        for (const name of [state, ...flags]) expect(name).toMatch(/^[^\s,+]*$/u);
        expect(parseJobState([state, ...flags])).toEqual({ state, flags });
      }),
    );
  });

  it('finds the base state among any flags, in any order and case', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BASES),
        fc.shuffledSubarray(FLAGS),
        fc.nat(),
        fc.constantFrom(',', '+'),
        (...given) => {
          const [base, flags, place, separator] = given;
          const names = flags.toSpliced(place % (flags.length + 1), 0, base);
          const parsed = parseJobState(names.join(separator).toLowerCase());
          expect(parsed.state).toBe(base);
          expect(parsed.flags).toEqual(flags);
        },
      ),
    );
  });
});

import { slurmExitCode } from './exit-code.js';
import { WrongShape } from './wrong-shape.js';

const running = { state: 'RUNNING', phase: 'running' } as const;
const completed = { state: 'COMPLETED', phase: 'finished' } as const;
const failed = { state: 'FAILED', phase: 'finished' } as const;
const n = (number: number, set = true) => ({ set, infinite: false, number });

describe('exit codes', () => {
  it.each([
    [0, '0:0'],
    [9, '0:9'],
    [15, '0:15'],
    [256, '1:0'],
    [768, '3:0'],
    [65280, '255:0'],
    // A core dump after SIGSEGV.
    [0x80 | 11, '0:11'],
    // The return code of one that also shows a signal, as slurmstepd sets it.
    [(2 << 8) | 15, '2:15'],
    // 125, which Slurm uses for OUT_OF_MEMORY.
    [125, '0:125'],
    // A stopped process: no signal ended it.
    [0x7f, '0:0'],
    [4294967294, null],
    [null, null],
    [undefined, null],
  ])('wait status %j is %j', (status, expected) => {
    expect(slurmExitCode(status, failed)).toBe(expected);
  });

  it("reads a signal from 22.05's sacct", () => {
    const printed = { status: 'SIGNALED', return_code: null, signal: { signal_id: 9, name: 'Killed' } };
    expect(slurmExitCode(printed, failed)).toBe('0:9');
  });

  it("believes the 0 of 22.05's sacct only where the state says the same", () => {
    const printed = { status: 'SUCCESS', return_code: 0 };
    expect(slurmExitCode(printed, completed)).toBe('0:0');
    expect(slurmExitCode(printed, running)).toBe('0:0');
    expect(slurmExitCode(printed, { state: 'PENDING', phase: 'pending' })).toBe('0:0');
    expect(slurmExitCode(printed, failed)).toBeNull();
    expect(slurmExitCode(printed, { state: 'NODE_FAIL', phase: 'finished' })).toBeNull();
  });

  it.each([
    [{ status: ['SUCCESS'], return_code: n(0), signal: { id: n(0, false), name: '' } }, '0:0'],
    [{ status: ['ERROR'], return_code: n(7), signal: { id: n(0, false), name: '' } }, '7:0'],
    [{ status: ['SIGNALED'], return_code: n(0, false), signal: { id: n(15), name: 'TERM' } }, '0:15'],
    [{ status: ['PENDING'], return_code: n(0, false), signal: { id: n(0, false), name: '' } }, '0:0'],
    [{ status: ['INVALID'], return_code: n(0, false), signal: { id: n(0, false), name: '' } }, null],
  ])('24.11: %j', (printed, expected) => {
    expect(slurmExitCode(printed, failed)).toBe(expected);
  });

  it.each(['0:0', [], true])('%j is none', (printed) => {
    expect(() => slurmExitCode(printed, failed)).toThrow(WrongShape);
  });
});

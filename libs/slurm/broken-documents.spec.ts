import fc from '../../test/support/seeded-fast-check.js';
import { recordedText } from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import { type DocumentReader, jobReader, nodeReader, SlurmFormatError } from './index.js';

const UTC = { timeZone: 'UTC' };
const DOCUMENTS: readonly [name: string, reader: () => DocumentReader<unknown>, text: string][] = [
  ['controller-json', () => jobReader('controller-json', UTC), recordedText('slurm-22.05', 'squeue.json')],
  [
    'controller-json, later',
    () => jobReader('controller-json', UTC),
    recordedText('slurm-26.05', 'scontrol-show-job.json'),
  ],
  ['accounting-json', () => jobReader('accounting-json', UTC), recordedText('slurm-24.11', 'sacct.json')],
  ['controller-text', () => jobReader('controller-text', UTC), recordedText('slurm-24.11', 'scontrol-show-job.txt')],
  ['accounting-text', () => jobReader('accounting-text', UTC), recordedText('slurm-26.05', 'sacct.psv')],
  ['node-json', () => nodeReader('node-json', UTC), recordedText('slurm-24.11', 'scontrol-show-node.json')],
  ['node-text', () => nodeReader('node-text', UTC), recordedText('slurm-24.11', 'scontrol-show-node.txt')],
];

/** A part of the document taken out, put in twice, or replaced by something. */
const damage = fc.record({
  at: fc.nat(1_000_000),
  length: fc.oneof(fc.nat(3), fc.nat(5000)),
  instead: fc.oneof(
    fc.constantFrom(
      '',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\n',
      '\0',
      '|',
      '=',
      '\n\n',
      '   ',
      '-1',
      '1e99',
      'null',
    ),
    fc.constantFrom('JobId=', '\n\nJobId=9 JobName=x\n', 'NodeName=a \n', '\n7|7|RUNNING|', '"jobs": [', '<html>'),
    fc.string(),
  ),
  twice: fc.boolean(),
});

function damaged(
  text: string,
  { at, length, instead, twice }: typeof damage extends fc.Arbitrary<infer D> ? D : never,
): string {
  const from = at % (text.length + 1);
  const part = text.slice(from, from + length);
  return text.slice(0, from) + (twice ? part + instead + part : instead) + text.slice(from + length);
}

describe.each(DOCUMENTS)('a broken document: %s', (_, reader, text) => {
  const whole = readDocument(reader(), text).summary.records;

  it('is read as far as it goes or refused with a sentence, and the same however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 50, max: 5000 }),
        (damages, piece) => {
          const broken = damages.reduce(damaged, text);
          const outcomes = [64 * 1024, piece].map((pieceLength) => {
            try {
              const { records, summary } = readDocument(reader(), broken, pieceLength);
              expect(records).toHaveLength(summary.records);
              expect(summary.skipped.length).toBe(Math.min(100, summary.skippedCount));
              return summary;
            } catch (error) {
              expect(error).toBeInstanceOf(SlurmFormatError);
              expect((error as Error).message).toMatch(/^[A-Z`"].*[.?]$/s);
              // How much of the beginning can be quoted depends on the first piece.
              return (error as Error).message.replace(/it begins .*/s, '');
            }
          });
          expect(outcomes[1]).toEqual(outcomes[0]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('of any bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        expect(() => readDocument(reader(), bytes)).toThrow(SlurmFormatError);
      }),
    );
  });

  it('does not lose a record that is not broken to one byte that is', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom('x', '7', ' '), (at, byte) => {
        const from = at % text.length;
        // A byte that holds the document together may end it; the inside of a value may not.
        if (!/[a-z0-9]/.test(text[from] ?? '')) return;
        try {
          const { summary } = readDocument(reader(), text.slice(0, from) + byte + text.slice(from + 1));
          expect(summary.records).toBeGreaterThanOrEqual(whole - 2);
        } catch (error) {
          expect(error).toBeInstanceOf(SlurmFormatError);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a document without end', () => {
  const endless: [name: string, make: () => DocumentReader<unknown>, beginning: string, piece: string][] = [
    ['an object', () => jobReader('controller-json', UTC), '{"jobs": [{"job_id": 1, "x": "', 'y'.repeat(60_000)],
    [
      'an indented object',
      () => jobReader('controller-json', UTC),
      '{"jobs": [\n {\n',
      ` "x": "${'y'.repeat(60_000)}",\n`,
    ],
    ['a member', () => jobReader('controller-json', UTC), '{"x": "', 'y'.repeat(60_000)],
    ['white space', () => jobReader('controller-json', UTC), '{"jobs": [', ' \n'.repeat(30_000)],
    ['a line of a job', () => jobReader('controller-text', UTC), 'JobId=1 JobName=', 'y'.repeat(60_000)],
    ['lines of a job', () => jobReader('controller-text', UTC), 'JobId=1 JobName=', 'y\n'.repeat(30_000)],
    [
      'jobs that are none',
      () => jobReader('controller-text', UTC),
      'JobId=1 JobName=',
      '\n\nJobId=9 JobName=x'.repeat(3000),
    ],
    [
      'lines of a row',
      () => jobReader('accounting-text', UTC),
      'JobIDRaw|JobID|State|JobName|End\n1|1|FAILED|',
      'y\n'.repeat(30_000),
    ],
    [
      'a row',
      () => jobReader('accounting-text', UTC),
      'JobIDRaw|JobID|State|JobName|End\n1|1|FAILED|',
      'y|'.repeat(30_000),
    ],
    ['blank lines', () => jobReader('accounting-text', UTC), '', '\n'.repeat(60_000)],
  ];

  it.each(endless)('is not kept: %s', (_, make, beginning, piece) => {
    const reader = make();
    const started = Date.now();
    const before = process.memoryUsage();
    try {
      reader.take(Buffer.from(beginning));
      // 60 MB.
      for (let count = 0; count < 1_000; count += 1) reader.take(Buffer.from(piece));
      reader.end();
    } catch (error) {
      expect(error).toBeInstanceOf(SlurmFormatError);
    }
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(100_000_000);
    expect(Date.now() - started).toBeLessThan(20_000);
  });
});

import fc from '../../test/support/seeded-fast-check.js';
import { RecordDigests } from './record-digests.js';

const digestOf = (value: unknown, indentation = 0) =>
  new RecordDigests().of(Buffer.from(JSON.stringify(value, null, indentation)));

const number = (of: number) => ({ set: true, infinite: false, number: of });

describe('the digest of a record', () => {
  it.each([0, 1, 2])('leaves out the digits of what changes by itself, indented by %d', (indentation) => {
    const record = (priority: unknown, at: unknown, other: unknown) =>
      digestOf(
        {
          job_id: 5,
          priority,
          priority_by_partition: [{ partition: 'p', priority }],
          last_sched_evaluation: at,
          other,
        },
        indentation,
      );
    const [plain, objects] = [record(1234, 1795541464, 7), record(number(1234), number(1795541464), 7)];
    expect(record(5678, 1795541494, 7)).toBe(plain);
    expect(record(number(5678), number(1795541494), 7)).toBe(objects);
    expect(objects).not.toBe(plain);
    expect(record(1234, 1795541464, 8)).not.toBe(plain);
    expect(record(number(1234), { ...number(1795541464), set: false }, 7)).not.toBe(objects);
  });

  it('takes what users write for what it is', () => {
    const digests = ['1', '2'].map((digit) =>
      digestOf({ comment: `"priority": ${digit}`, name: `priority":${digit}` }),
    );
    expect(digests[0]).not.toBe(digests[1]);
    expect(digestOf({ priority: 'day 1', comment: 1 })).not.toBe(digestOf({ priority: 'day 2', comment: 1 }));
  });

  it('is another wherever any other byte is, and leaves the text as it is', () => {
    const digests = new RecordDigests();
    const record = fc.record({
      comment: fc.string({ unit: 'binary' }),
      priority: fc.oneof(fc.nat(), fc.nat().map(number), fc.constant(null)),
      last_sched_evaluation: fc.nat(),
      nodes: fc.array(fc.string(), { maxLength: 5 }),
    });
    const told = ({ priority, ...rest }: Record<string, unknown>) =>
      JSON.stringify({
        ...rest,
        priority: (JSON.stringify(priority) as string | undefined)?.replaceAll(/\d/g, '0'),
        last_sched_evaluation: String(rest['last_sched_evaluation']).length,
      });
    fc.assert(
      fc.property(record, record, (a, b) => {
        const [first, second] = [a, b].map((value) => Buffer.from(JSON.stringify(value)));
        const same = digests.of(first ?? Buffer.alloc(0)) === digests.of(second ?? Buffer.alloc(0));
        expect(same).toBe(told(a) === told(b));
        expect(first?.toString()).toBe(JSON.stringify(a));
      }),
    );
  });
});

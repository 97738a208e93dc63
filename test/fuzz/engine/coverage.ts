/** Counts of one file, as istanbul's instrumented code keeps them. */
interface FileCounts {
  s: Record<string, number>;
  b: Record<string, number[]>;
}

/**
 * What has been reached. An input is worth keeping when it runs something that no other did, or so much more often that the
 * count falls into another of eight classes, as AFL has them.
 */
export class Coverage {
  private readonly files: FileCounts[];
  private readonly seen: Uint8Array;
  private readonly total: number;

  constructor() {
    const known = (globalThis as { __coverage__?: Record<string, FileCounts> }).__coverage__ ?? {};
    this.files = Object.values(known);
    this.total = this.files.reduce(
      (sum, { s, b }) => sum + Object.keys(s).length + Object.values(b).reduce((all, { length }) => all + length, 0),
      0,
    );
    this.seen = new Uint8Array(this.total);
  }

  get counters(): { reached: number; total: number } {
    return { reached: this.seen.reduce((count, classes) => count + (classes === 0 ? 0 : 1), 0), total: this.total };
  }

  /** Looks at the counts since the last time, and begins them anew. @returns whether something in them is new */
  take(): boolean {
    let isNew = false;
    let at = 0;
    for (const { s, b } of this.files) {
      for (const key in s) {
        const count = s[key] ?? 0;
        if (count > 0) {
          isNew = this.note(at, count) || isNew;
          s[key] = 0;
        }
        at += 1;
      }
      for (const key in b) {
        const branch = b[key] ?? [];
        for (let way = 0; way < branch.length; way += 1) {
          const count = branch[way] ?? 0;
          if (count > 0) {
            isNew = this.note(at, count) || isNew;
            branch[way] = 0;
          }
          at += 1;
        }
      }
    }
    return isNew;
  }

  private note(counter: number, count: number): boolean {
    const known = this.seen[counter] ?? 0;
    const withThis = known | classOf(count);
    this.seen[counter] = withThis;
    return withThis !== known;
  }
}

function classOf(count: number): number {
  if (count <= 3) return 1 << (count - 1);
  if (count < 8) return 8;
  if (count < 16) return 16;
  if (count < 32) return 32;
  return count < 128 ? 64 : 128;
}

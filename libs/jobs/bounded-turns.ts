import { Turns } from '#libs/common';

/** `Turns` for each key: operations on different keys never wait for each other. */
export class BoundedTurns {
  private readonly turns = new Map<string, Turns>();

  constructor(private readonly mostAtOnce: number) {}

  /** How many wait for a turn. */
  get waiting(): number {
    return this.turns.values().reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** @param abandoned an operation whose turn comes after this was aborted is not begun: nobody waits for it any more */
  async run<T>(key: string, abandoned: AbortSignal, operation: () => Promise<T>): Promise<T> {
    const turns = this.turns.get(key) ?? new Turns(this.mostAtOnce);
    this.turns.set(key, turns);
    try {
      return await turns.run(() => {
        abandoned.throwIfAborted();
        return operation();
      });
    } finally {
      if (turns.underWay === 0) this.turns.delete(key);
    }
  }
}

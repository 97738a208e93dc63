import { appendFile } from 'node:fs/promises';
import { campaign, type Promised } from './campaign.ts';

/** Of one scenario: notes what comes of each promise, and fails at the end where one was not kept. */
export class Promises {
  private readonly broken: Promised[] = [];

  constructor(private readonly scenario: string) {}

  async note(promise: string, seen: string, kept: boolean | null): Promise<void> {
    const promised = { scenario: this.scenario, promise, seen, kept };
    if (kept === false) this.broken.push(promised);
    const { notes } = campaign();
    if (notes !== null) await appendFile(notes, `${JSON.stringify(promised)}\n`);
  }

  /** @param evidence of what went wrong, to be read with the failure */
  expectKept(evidence: readonly string[] = []): void {
    expect({ broken: this.broken, evidence: this.broken.length === 0 ? [] : evidence }).toEqual({
      broken: [],
      evidence: [],
    });
  }
}

import { appendFile } from 'node:fs/promises';

/** What a run tells its scenarios, which jest runs in processes of its own. */
export interface Campaign {
  kills: number;
  seed: number;
  short: boolean;
  /** Where promises are noted, one JSON object a line; null: nowhere. */
  notes: string | null;
}

export const CAMPAIGN_VARIABLE = 'CLOCKWORK_FAULTS_CAMPAIGN';

/** What was promised and what was seen, for people. */
export interface Promised {
  scenario: string;
  promise: string;
  seen: string;
  /** null: it was not tried, for the reason that `seen` tells. */
  kept: boolean | null;
}

export function campaign(): Campaign {
  const text = process.env[CAMPAIGN_VARIABLE];
  return text === undefined ? { kills: 4, seed: 1, short: true, notes: null } : (JSON.parse(text) as Campaign);
}

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

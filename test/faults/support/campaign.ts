// Also read by main.ts, which Node runs as it is.

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

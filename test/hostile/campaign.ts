/** How the runner tells the tests, which jest runs in processes of their own, what was asked for. */
export const SHORT_VARIABLE = 'CLOCKWORK_HOSTILE_SHORT';
export const SEED_VARIABLE = 'CLOCKWORK_HOSTILE_SEED';

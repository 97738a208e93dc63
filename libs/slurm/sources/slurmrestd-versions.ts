/** The part of the URL that tells which form the answers have, newest first. Slurm 22.05 has 36 to 38, 26.05 has 42 to 45. */
export const API_VERSIONS: readonly number[] = [45, 44, 43, 42, 41, 40, 39, 38, 37, 36];

/** The version that `slurmdbd`'s questions were rewritten with. */
const NEW_QUERIES = 40;

/** Until then a list of jobs can be asked for; later versions refuse it with 422, however it is written. */
const LAST_WITH_LIST = 38;

export function versionPath(version: number): string {
  return `v0.0.${version}`;
}

/** All ids in one question, or a question for each. */
export function jobPaths(version: number, jobIds: readonly string[]): string[] {
  const base = `/slurmdb/${versionPath(version)}`;
  // A comma that is not escaped is a 400 or 500.
  if (version <= LAST_WITH_LIST) return [`${base}/jobs?skip_steps=true&step=${encodeURIComponent(jobIds.join(','))}`];
  return jobIds.map((id) => `${base}/job/${encodeURIComponent(id)}`);
}

/** `start_time=uts…` is taken by all versions; plain seconds only from v0.0.42 on. */
export function windowPath(version: number, [from, to]: readonly [string, string]): string {
  // Named alone, `skip_steps` would switch the earlier runs of requeued jobs off; until 38 they are always there, and cannot be named.
  const flags = version >= NEW_QUERIES ? '&skip_steps=true&show_duplicates=true' : '';
  return `/slurmdb/${versionPath(version)}/jobs?start_time=${from}&end_time=${to}${flags}`;
}

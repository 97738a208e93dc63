/** Ours alone; and those by which Slurm's commands leave records out or print them otherwise than asked. */
const KEPT_BACK =
  /^(?:CLOCKWORK_.*|MONGODB_URI|(?:SQUEUE|SACCT|SINFO|SCONTROL)_.*|SLURM_CLUSTERS|SLURM_JSON|SLURM_YAML)$/;

/** What a program of this machine gets: our own environment without secrets, plain English, and what is given. */
export function commandEnvironment(given: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const passedOn = Object.entries(process.env).filter(([name]) => !KEPT_BACK.test(name));
  return { ...Object.fromEntries(passedOn), LC_ALL: 'C', ...given };
}

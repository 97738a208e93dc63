export interface SlurmVersion {
  major: number;
  minor: number;
  /** `22.05.8` */
  text: string;
}

/** Out of what `--version` prints: `slurm 22.05.8`, `slurm-wlm 24.11.5`, `slurm 23.11.0-0rc1`; null where there is none in it. */
export function slurmVersion(printed: string): SlurmVersion | null {
  const [, text, major, minor] = /^slurm\S*\s+((\d{2})\.(\d{2})\S*)/im.exec(printed) ?? [];
  return text === undefined ? null : { major: Number(major), minor: Number(minor), text };
}

export function isAtLeast(version: SlurmVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

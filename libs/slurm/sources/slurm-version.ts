/** `22.05.8` as [22, 5, 8]. */
export type SlurmVersion = readonly [number, number, number];

/** Out of what `--version` prints: `slurm 22.05.8`, `slurm-wlm 24.11.5`, `slurm 23.11.0-rc1`; null where there is none in it. */
export function slurmVersion(text: string): SlurmVersion | null {
  const [, major, minor, micro = '0'] = /^slurm\S*\s+(\d{2})\.(\d{2})(?:\.(\d+))?/im.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor), Number(micro)];
}

export function isAtLeast(version: SlurmVersion, major: number, minor: number): boolean {
  return version[0] > major || (version[0] === major && version[1] >= minor);
}

/** Vendors and product lines at the beginning of a device's name, with which and without which sites write it. */
const BRANDS = new Set(['nvidia', 'tesla', 'quadro', 'geforce', 'amd', 'radeon', 'instinct', 'intel', 'r']);

/**
 * A GPU's name without what differs from site to site: case, the vendor in front, and what parts the words. Slurm's AutoDetect
 * writes a device's own name in lower case, with underscores for spaces (gres.conf, "AutoDetect").
 * `Tesla_V100-SXM2-16GB` and `nvidia_tesla_v100_sxm2_16gb` are both `v100sxm216gb`.
 */
export function plainName(name: string): string {
  const words = name
    .toLowerCase()
    .split(/[\s_\-:/()]+/)
    .filter((word) => word !== '');
  const first = words.findIndex((word) => !BRANDS.has(word));
  return words.slice(Math.max(first, 0)).join('');
}

/**
 * Parts the name of a MIG slice into that of its GPU, '' where there is none, and its profile: `A100_3g.20gb`,
 * `nvidia_a100-sxm4-40gb_mig_3g.20gb`, `1g.10gb+me` (with media engines, which change no other figure). Null for any other name.
 */
export function migProfile(name: string): { gpu: string; profile: string } | null {
  const found = /^(?:(.*)[\s_\-.:])?(\d+g\.\d+gb)(?:[+-](?:me|gfx|me\.all))?$/i.exec(name);
  if (found === null) return null;
  const gpu = (found[1] ?? '').replace(/(?:^|[\s_\-.:])mig$/i, '');
  return { gpu, profile: (found[2] ?? '').toLowerCase() };
}

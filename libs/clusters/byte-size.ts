const BYTES_OF_UNIT = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Bytes of a size such as `1GiB` (units KiB, MiB, GiB); null where it is none. */
export function byteSize(text: string): number | null {
  const [, number, unit] = /^(\d{1,6})([KMG]iB)$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) return null;
  return Number(number) * BYTES_OF_UNIT[unit as keyof typeof BYTES_OF_UNIT];
}

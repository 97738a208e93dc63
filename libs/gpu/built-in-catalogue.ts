import { fromPlainJson, type JsonObject } from '#libs/json';
import { AMBIGUOUS_NAMES, BUILT_IN_GPUS, MIG_TABLES, type MigTable } from './built-in-gpus.js';
import { migProfile, plainName } from './plain-name.js';

/** The six documented fields beside the catalogue's key. */
interface Entry {
  name: string;
  vendor: string;
  ram: number;
  cuda_cores: number | null;
  tensor_cores: number | null;
  tflops_fp32: number | null;
}

/** Marks an entry that nobody has imported. It is stored last, and shown nowhere. */
export const BUILT_IN_MARK = 'built_in';

/** What the catalogue has by itself: each entry as it is stored, its mark included, by `cw_name`. */
export const BUILT_IN_CATALOGUE: ReadonlyMap<string, JsonObject> = new Map(
  [...wholeGpus(), ...slices(), ...bareProfiles()].map((entry) => [
    entry.name,
    fromPlainJson({ cw_name: entry.name, ...entry, [BUILT_IN_MARK]: true }) as JsonObject,
  ]),
);

/**
 * The `cw_name` of the built-in GPU that goes by a name, however it is written: `Tesla_V100-SXM2-16GB`,
 * `nvidia_a100-sxm4-80gb`, `NVIDIA_H100_80GB_HBM3_1g.10gb`. Null where it is none, or could be several.
 */
export function builtInNamed(name: string): string | null {
  const mig = migProfile(name);
  if (mig === null) return isAmbiguous(name) ? null : (NAMES.get(plainName(name)) ?? null);
  const { gpu, profile } = mig;
  const whole = gpu === '' ? '' : NAMES.get(plainName(gpu));
  if (whole === '') return BUILT_IN_CATALOGUE.has(profile) ? profile : null;
  const table = MIG_TABLES.find(({ of, profiles }) => whole !== undefined && of.includes(whole) && profile in profiles);
  return table === undefined ? null : sliceName(table, profile);
}

function isAmbiguous(name: string): boolean {
  return AMBIGUOUS_NAMES.has(name.toLowerCase().replaceAll(' ', '_'));
}

const NAMES: ReadonlyMap<string, string> = new Map(
  Object.values(BUILT_IN_GPUS)
    .flat()
    .flatMap(({ name, alsoNamed }) => [name, ...alsoNamed].map((each): [string, string] => [plainName(each), name])),
);

function wholeGpus(): Entry[] {
  return Object.entries(BUILT_IN_GPUS).flatMap(([vendor, gpus]) =>
    gpus.map(({ name, ram, cudaCores, tensorCores, tflops }) => ({
      name,
      vendor,
      ram,
      cuda_cores: cudaCores,
      tensor_cores: tensorCores,
      tflops_fp32: tflops,
    })),
  );
}

/** Slices of a GPU that is known: `a100_3g.20gb`. */
function slices(): Entry[] {
  return MIG_TABLES.flatMap((table) =>
    Object.keys(table.profiles).map((profile) => sliceEntry(sliceName(table, profile), table, profile)),
  );
}

/** `3g.20gb` alone: what is the same on every GPU that can be cut so. */
function bareProfiles(): Entry[] {
  const tables = Map.groupBy(
    MIG_TABLES.flatMap((table) => Object.keys(table.profiles).map((profile) => ({ table, profile }))),
    ({ profile }) => profile,
  );
  return [...tables].map(([profile, found]) => {
    const [first, ...others] = found.map(({ table }) => sliceEntry(profile, table, profile));
    if (first === undefined) throw new Error(`no GPU has the profile ${profile}`);
    const common = <F extends keyof Entry>(field: F): Entry[F] | null =>
      others.every((other) => other[field] === first[field]) ? first[field] : null;
    return {
      ...first,
      cuda_cores: common('cuda_cores'),
      tensor_cores: common('tensor_cores'),
      tflops_fp32: common('tflops_fp32'),
    };
  });
}

function sliceName({ family }: MigTable, profile: string): string {
  return `${family}_${profile}`;
}

/** A slice has its SMs' part of what the whole GPU can do. */
function sliceEntry(name: string, { whole, profiles }: MigTable, profile: string): Entry {
  const [ram, sms] = profiles[profile] ?? [0, null];
  const unknown = { cuda_cores: null, tensor_cores: null, tflops_fp32: null };
  if (whole === null || sms === null) return { name, vendor: 'nvidia', ram, ...unknown };
  return {
    name,
    vendor: 'nvidia',
    ram,
    cuda_cores: sms * whole.cudaCoresPerSm,
    tensor_cores: sms * whole.tensorCoresPerSm,
    tflops_fp32: whole.tflops === null ? null : tenths((whole.tflops * sms) / whole.sms),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

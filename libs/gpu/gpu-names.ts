import { builtInNamed } from './built-in-catalogue.js';

interface NamedGpu {
  cw_name: string;
  name: string;
  built_in?: true;
}

/**
 * The names that a catalogue has, to look up what Slurm calls a GPU: among the imported ones first, so that no built-in one
 * stands before them.
 */
export class GpuNames {
  private readonly imported = new Map<string, string>();
  private readonly importedInLowerCase = new Map<string, string>();
  private readonly builtIn: ReadonlySet<string>;

  /** @param gpus in the order of their `cw_name`: of several with one name the first counts */
  constructor(gpus: readonly NamedGpu[]) {
    const imported = gpus.filter((gpu) => gpu.built_in !== true);
    const named = (['cw_name', 'name'] as const).flatMap((field) => imported.map((gpu) => ({ gpu, name: gpu[field] })));
    for (const { gpu, name } of named) {
      setOnce(this.imported, name, gpu.cw_name);
      setOnce(this.importedInLowerCase, name.toLowerCase(), gpu.cw_name);
    }
    this.builtIn = new Set(gpus.flatMap((gpu) => (gpu.built_in === true ? gpu.cw_name : [])));
  }

  /**
   * The catalogue's key for a type that Slurm names. It is looked up as `cw_name`, then as `name`, then as another name of a
   * built-in GPU; one that is not there is its own key.
   */
  keyOfType(type: string): string {
    return this.imported.get(type) ?? (this.builtIn.has(type) ? type : (this.keyOfOtherName(type) ?? type));
  }

  /** The same for a node's feature, in any case; null for one that is no GPU of the catalogue, as most are not. */
  keyOfFeature(feature: string): string | null {
    return this.importedInLowerCase.get(feature.toLowerCase()) ?? this.keyOfOtherName(feature);
  }

  private keyOfOtherName(name: string): string | null {
    const key = builtInNamed(name);
    if (key === null) return null;
    return this.imported.get(key) ?? (this.builtIn.has(key) ? key : null);
  }
}

function setOnce(map: Map<string, string>, key: string, value: string): void {
  if (!map.has(key)) map.set(key, value);
}

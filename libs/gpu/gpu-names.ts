import { builtInNamed } from './built-in-catalogue.js';

/** The names that a catalogue has, to look up what Slurm calls a GPU. */
export class GpuNames {
  private readonly keys: ReadonlySet<string>;
  private readonly keyOfName = new Map<string, string>();
  private readonly keyOfLowerCase = new Map<string, string>();

  /** @param gpus in the order of their `cw_name`: of several with one name the first counts */
  constructor(gpus: readonly { cw_name: string; name: string }[]) {
    this.keys = new Set(gpus.map((gpu) => gpu.cw_name));
    for (const { cw_name, name } of gpus) setOnce(this.keyOfName, name, cw_name);
    for (const { cw_name } of gpus) setOnce(this.keyOfLowerCase, cw_name.toLowerCase(), cw_name);
    for (const { cw_name, name } of gpus) setOnce(this.keyOfLowerCase, name.toLowerCase(), cw_name);
  }

  /**
   * The catalogue's key for a type that Slurm names. It is looked up as `cw_name`, then as `name`, then as another name of a
   * built-in GPU; one that is not there is its own key.
   */
  keyOfType(type: string): string {
    return this.keys.has(type) ? type : (this.keyOfName.get(type) ?? this.builtIn(type) ?? type);
  }

  /** The same for a node's feature, in any case; null for one that is no GPU of the catalogue, as most are not. */
  keyOfFeature(feature: string): string | null {
    return this.keyOfLowerCase.get(feature.toLowerCase()) ?? this.builtIn(feature);
  }

  private builtIn(name: string): string | null {
    const key = builtInNamed(name);
    return key !== null && this.keys.has(key) ? key : null;
  }
}

function setOnce(map: Map<string, string>, key: string, value: string): void {
  if (!map.has(key)) map.set(key, value);
}

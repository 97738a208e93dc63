/** What is fuzzed: a module of `targets/` exports one as `target`. */
export interface FuzzTarget {
  /** Inputs to begin with. */
  seeds(): Uint8Array[];
  /** Words that mean something in such inputs; nobody finds them by chance. */
  words?: readonly string[];
  /** Makes an input well-formed again where a mutation leaves little chance of it; half of all inputs pass through it. */
  repair?(input: Uint8Array): void;
  /** Throws where the product does not do what it must; an error of the product that is a proper answer is not one. */
  run(input: Uint8Array): void;
}

/** Where a target is, and what of the product its inputs are chosen to reach. */
export interface TargetPlace {
  description: string;
  module: URL;
  /** The files whose branches are counted, as a pattern of their URLs. */
  covers: string;
}

/** Injection tokens of what the composition roots make: Nest finds classes by themselves, values need a name. */
export const LOGGER = Symbol('Logger');

import { Registry } from 'prom-client';

/** Of this process, which has one of each instrument. */
export const registry = new Registry();

export const registers = [registry];

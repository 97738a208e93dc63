import type { NodeRecord } from './node-record.js';
import { type FieldPaths, type FieldTable, RecordFields } from './record-fields.js';

/** The flags of the state are in one field with it, or in one of their own. */
type NodeField = keyof NodeRecord | 'stateFlags';
export type NodePaths = FieldPaths<NodeField>;

/** How a source writes the values of a node, as {@link JobValues} does for jobs. */
export interface NodeValues {
  integer: (value: unknown) => number | null;
  word: (value: unknown) => string | null;
  words: (value: unknown) => readonly string[];
  freeText: (value: unknown) => string | null;
  reason: (value: unknown) => string | null;
  tres: (value: unknown) => string | null;
}

/** One node of any source. */
export function readNode(record: unknown, table: FieldTable<NodeField>, values: NodeValues): NodeRecord {
  const fields = new RecordFields(record, table);
  const name = fields.need('name', values.word);
  const state = fields.need('state', (value) => {
    const words = values.words(value);
    return words.length === 0 ? null : words;
  });
  const features = fields.read('features', values.words);
  return {
    name,
    arch: fields.read('arch', values.word),
    features: features.length === 0 ? null : features.join(','),
    gres: fields.read('gres', values.word),
    gresUsed: fields.read('gresUsed', values.word),
    addr: fields.read('addr', values.word),
    memory: fields.read('memory', values.integer),
    allocMemory: fields.read('allocMemory', values.integer),
    cpus: fields.read('cpus', values.integer),
    allocCpus: fields.read('allocCpus', values.integer),
    state: [...state, ...fields.read('stateFlags', values.words)].join('+').toUpperCase(),
    cfgTres: fields.read('cfgTres', values.tres),
    allocTres: fields.read('allocTres', values.tres),
    comment: fields.read('comment', values.freeText),
    reason: fields.read('reason', values.reason),
    partitions: [...fields.read('partitions', values.words)],
  };
}

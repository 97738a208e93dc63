import type { NodeRecord } from './node-record.js';
import type { Reading } from './reading.js';
import { type FieldPaths, RecordFields } from './record-fields.js';
import { readDocument } from './slurm-document.js';
import { slurmInteger } from './slurm-number.js';
import { slurmText, slurmWords } from './slurm-text.js';

/** The `nodes[]` of slurmctld's JSON. 22.05 keeps the state's flags apart; later they stand in the list of the state. */
const NODE_PATHS: FieldPaths<Exclude<keyof NodeRecord, 'clusterName'> | 'stateFlags'> = {
  name: ['name'],
  arch: ['architecture'],
  features: ['features'],
  gres: ['gres'],
  gresUsed: ['gres_used'],
  addr: ['address'],
  memory: ['real_memory'],
  allocMemory: ['alloc_memory'],
  cpus: ['cpus'],
  allocCpus: ['alloc_cpus'],
  state: ['state'],
  stateFlags: ['state_flags'],
  cfgTres: ['tres'],
  allocTres: ['tres_used'],
  comment: ['comment'],
  reason: ['reason'],
  partitions: ['partitions'],
};

/**
 * The nodes, from 22.05's `sinfo --json`. That of later versions prints groups of like nodes instead, with sums for values.
 * Throws SlurmFormatError where the text is no such document.
 */
export function readSinfoJson(text: string): Reading<NodeRecord> {
  return readDocument(text, {
    command: 'sinfo --json',
    list: 'nodes',
    idMember: 'name',
    hint: 'After Slurm 22.05 it lists groups instead of nodes; `scontrol show node --json` lists the nodes.',
    read: (record, { clusterName }) => readNode(record, clusterName),
  });
}

function readNode(record: unknown, clusterName: string | null): NodeRecord {
  const fields = new RecordFields(record, NODE_PATHS);
  const name = fields.need('name', slurmText);
  const state = fields.need('state', (value) => {
    const words = slurmWords(value);
    return words.length === 0 ? null : words;
  });
  const features = fields.read('features', slurmWords);
  return {
    clusterName,
    name,
    arch: fields.read('arch', slurmText),
    features: features.length === 0 ? null : features.join(','),
    gres: fields.read('gres', slurmText),
    gresUsed: fields.read('gresUsed', slurmText),
    addr: fields.read('addr', slurmText),
    memory: fields.read('memory', slurmInteger),
    allocMemory: fields.read('allocMemory', slurmInteger),
    cpus: fields.read('cpus', slurmInteger),
    allocCpus: fields.read('allocCpus', slurmInteger),
    state: [...state, ...fields.read('stateFlags', slurmWords)].join('+').toUpperCase(),
    cfgTres: fields.read('cfgTres', slurmText),
    allocTres: fields.read('allocTres', slurmText),
    comment: fields.read('comment', slurmText),
    reason: fields.read('reason', slurmText),
    partitions: [...fields.read('partitions', slurmWords)],
  };
}

import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { BSON } from 'mongodb';
import type { Model } from 'mongoose';
import { DatabaseCalls, DataVersions, LONGEST_WRITE_MS, replacementPipeline } from '#libs/database';
import { bsonToJson, EMPTY_OBJECT, jsonEqual, type JsonObject } from '#libs/json';
import type { Listing } from '#libs/lists';
import { BUILT_IN_CATALOGUE, BUILT_IN_MARK } from './built-in-catalogue.js';
import { GpuNames } from './gpu-names.js';
import { Gpu, GPU_FIELDS } from './gpu.schema.js';

const PUBLIC_FIELDS = { _id: 0, [BUILT_IN_MARK]: 0 };
const GPU_ORDER = { cw_name: 1 } as const;
const BATCH = 1000;
const SIX_FIELDS = { _id: 0, ...Object.fromEntries(GPU_FIELDS.map((field) => [field, 1])) };

/** The catalogue of GPUs. */
@Injectable()
export class GpuService {
  constructor(
    @InjectModel(Gpu.name) private readonly gpus: Model<Gpu>,
    private readonly calls: DatabaseCalls,
    private readonly versions: DataVersions,
  ) {}

  /** All of them, by `cw_name`. */
  list(): Listing {
    return {
      data: 'gpu',
      collection: this.gpus.collection,
      filter: {},
      order: GPU_ORDER,
      projection: PUBLIC_FIELDS,
      batchSize: BATCH,
    };
  }

  /** For an export: the BSON of each that came by an import. The built-in ones are in every database. */
  findImported() {
    return this.gpus.collection
      .find<Buffer>({ [BUILT_IN_MARK]: null }, { raw: true, projection: PUBLIC_FIELDS })
      .sort(GPU_ORDER);
  }

  /** How many came by an import. */
  countImported(): Promise<number> {
    return this.gpus.collection.countDocuments({ [BUILT_IN_MARK]: null });
  }

  /** The six fields of one as JSON, `{}` where the catalogue does not have it. */
  async one(cwName: string): Promise<Buffer> {
    const gpu = await this.calls.run(() =>
      this.gpus.collection.findOne<Buffer>({ cw_name: cwName }, { raw: true, projection: SIX_FIELDS }),
    );
    return gpu === null ? EMPTY_OBJECT : bsonToJson(gpu);
  }

  /** The names of all of them. */
  async names(): Promise<GpuNames> {
    const gpus = await this.gpus
      .find({}, { _id: 0, cw_name: 1, name: 1, [BUILT_IN_MARK]: 1 })
      .sort(GPU_ORDER)
      .lean();
    return new GpuNames(gpus);
  }

  /**
   * Adds a GPU, or replaces the one with its `cw_name`. In the place of a built-in one it is an addition, which stays over
   * restarts and upgrades; one that is equal to the built-in one is no addition.
   * @param document from `gpuDocument`
   */
  async save(document: JsonObject): Promise<'added' | 'changed' | 'unchanged'> {
    const stored = asBuiltIn(document) ?? document;
    const filter = { cw_name: document.get('cw_name') };
    const onFile = await this.gpus.collection.findOne<Buffer>(filter, { raw: true, projection: { _id: 0 } });
    if (onFile !== null && Buffer.compare(onFile, BSON.serialize(stored)) === 0) return 'unchanged';
    const options = { upsert: true, maxTimeMS: LONGEST_WRITE_MS };
    await this.versions.change('gpu', () =>
      this.gpus.collection.updateOne(filter, replacementPipeline(stored), options),
    );
    return onFile === null || BSON.deserialize(onFile)[BUILT_IN_MARK] === true ? 'added' : 'changed';
  }
}

/** The built-in GPU that a document is equal to, mark included; null where there is none. */
function asBuiltIn(document: JsonObject): JsonObject | null {
  const name = document.get('cw_name');
  const builtIn = typeof name === 'string' ? BUILT_IN_CATALOGUE.get(name) : undefined;
  return builtIn !== undefined && jsonEqual(new Map(document).set(BUILT_IN_MARK, true), builtIn) ? builtIn : null;
}

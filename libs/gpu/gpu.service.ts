import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { DatabaseCalls, DataVersions, LONGEST_WRITE_MS, replacementPipeline } from '#libs/database';
import { bsonToJson, EMPTY_OBJECT, type JsonObject } from '#libs/json';
import type { Listing } from '#libs/lists';
import { Gpu, GPU_FIELDS } from './gpu.schema.js';

const PUBLIC_FIELDS = { _id: 0 };
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

  /** For an export: each one's BSON. */
  findAll() {
    return this.gpus.collection.find<Buffer>({}, { raw: true, projection: PUBLIC_FIELDS }).sort(GPU_ORDER);
  }

  /** The six fields of one as JSON, `{}` where the catalogue does not have it. */
  async one(cwName: string): Promise<Buffer> {
    const gpu = await this.calls.run(() =>
      this.gpus.collection.findOne<Buffer>({ cw_name: cwName }, { raw: true, projection: SIX_FIELDS }),
    );
    return gpu === null ? EMPTY_OBJECT : bsonToJson(gpu);
  }

  /**
   * The catalogue's key for each of the types that Slurm names: a type is looked up as `cw_name`, then as `name`; one
   * that is not there is its own key.
   */
  async keysOfTypes(types: readonly string[]): Promise<Map<string, string>> {
    const wanted = [...new Set(types)];
    const known = await this.gpus
      .find({ $or: [{ cw_name: { $in: wanted } }, { name: { $in: wanted } }] }, { _id: 0, cw_name: 1, name: 1 })
      .sort({ cw_name: 1 })
      .lean();
    const keys = new Set(known.map((gpu) => gpu.cw_name));
    return new Map(
      wanted.map((type) => [type, keys.has(type) ? type : (known.find((gpu) => gpu.name === type)?.cw_name ?? type)]),
    );
  }

  /**
   * Adds a GPU or replaces the one with its `cw_name`.
   * @param document from `gpuDocument`
   */
  async save(document: JsonObject): Promise<'added' | 'changed' | 'unchanged'> {
    const filter = { cw_name: document.get('cw_name') };
    const options = { upsert: true, maxTimeMS: LONGEST_WRITE_MS };
    const result = await this.versions.change('gpu', () =>
      this.gpus.collection.updateOne(filter, replacementPipeline(document), options),
    );
    if (result.upsertedCount > 0) return 'added';
    return result.modifiedCount > 0 ? 'changed' : 'unchanged';
  }
}

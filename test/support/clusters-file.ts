import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file for CLOCKWORK_CLUSTERS, in a directory of its own. */
export class ClustersFile {
  private constructor(
    private readonly directory: string,
    readonly path: string,
  ) {}

  /** @param items of the list, as YAML */
  static async of(items: readonly string[]): Promise<ClustersFile> {
    return ClustersFile.holding(`clusters:\n${items.join('')}`);
  }

  static async holding(text: string): Promise<ClustersFile> {
    const directory = await mkdtemp(join(tmpdir(), 'clockwork-clusters-'));
    const path = join(directory, 'clusters.yaml');
    await writeFile(path, text);
    return new ClustersFile(directory, path);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

import type { Configuration } from '#libs/common';
import type { OpenDatabase } from '#libs/database';

/** What to do where nobody has a key yet; null where somebody has. */
export async function firstKeyHint(database: OpenDatabase, configuration: Configuration): Promise<string | null> {
  const key = await database.connection.collection('api_keys').findOne({}, { projection: { _id: 1 } });
  if (key !== null) return null;
  const clockwork = `${sameDatabase(configuration)}npx clockwork`;
  return [
    'Nobody has an API key yet. To make the first one, in this directory:',
    `  ${clockwork} users add you@example.org --admin`,
    `  ${clockwork} keys create you@example.org`,
  ].join('\n');
}

/** What another terminal has to be told to find the same database; a connection string may hold a password and is not shown. */
function sameDatabase({ mongodbUri, dataDir }: Configuration): string {
  if (mongodbUri !== undefined || process.env['CLOCKWORK_DATA_DIR'] === undefined) return '';
  return `CLOCKWORK_DATA_DIR='${dataDir.replaceAll("'", `'\\''`)}' `;
}

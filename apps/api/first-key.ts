import type { OpenDatabase } from '#libs/database';

/** What to do where nobody has a key yet; null where somebody has. */
export async function firstKeyHint(database: OpenDatabase): Promise<string | null> {
  const key = await database.connection.collection('api_keys').findOne({}, { projection: { _id: 1 } });
  if (key !== null) return null;
  return [
    'Nobody has an API key yet. To make the first one, in this directory:',
    '  npx clockwork users add you@example.org --admin',
    '  npx clockwork keys create you@example.org',
  ].join('\n');
}

/** Started by the first process that needs the embedded database: `main.js DATA_DIR SOCKET_DIR MONGOD`. */
import { runKeeper } from '#libs/database/embedded/keeper';

const [dataDir, runtimeDir, mongodPath] = process.argv.slice(2);
if (dataDir === undefined || runtimeDir === undefined || mongodPath === undefined) {
  console.error('usage: main.js DATA_DIR SOCKET_DIR MONGOD (the API and the command line start this by themselves)');
  process.exit(2);
}

try {
  await runKeeper({ dataDir, runtimeDir, mongodPath });
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}

import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createProgram } from '../../dist/apps/cli/program.js';

/**
 * Runs, one after another in one process, the commands by which tests come to their users, keys and jobs: loading the
 * program takes ten times as long as most commands do. What a command itself is like is tested with processes of its own.
 * Arguments: the socket to listen on, a directory for input.
 */
const [socket, directory] = process.argv.slice(2);
const input = join(directory, 'command-input.json');
const write = process.stdout.write.bind(process.stdout);

async function run({ environment, args, stdin }) {
  const printed = [];
  process.env = environment;
  process.stdout.write = (chunk) => printed.push(chunk) > 0;
  try {
    if (stdin !== undefined) await writeFile(input, stdin);
    await createProgram().parseAsync(stdin === undefined ? args : [...args, input], { from: 'user' });
    return { stdout: printed.join('') };
  } catch (error) {
    return { failure: error.stack };
  } finally {
    process.stdout.write = write;
    await rm(input, { force: true });
  }
}

let last = Promise.resolve();
const server = createServer(async (request, response) => {
  const command = JSON.parse(await text(request));
  last = last.then(() => run(command));
  response.end(JSON.stringify(await last));
});
server.listen(socket);
await once(server, 'listening');
process.send('ready');
// Whoever started it is gone, by whichever way.
process.once('disconnect', () => process.exit());

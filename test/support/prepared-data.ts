import { request } from 'node:http';
import { json } from 'node:stream/consumers';

type Outcome = { stdout: string } | { failure: string };

/**
 * Runs a command that prepares what a test needs, in the process that all tests share for it (command-runner.mjs).
 * @param stdin taken as the file that the command reads
 * @returns what it printed
 * @throws where it failed, with what it said
 */
export async function prepare(
  environment: NodeJS.ProcessEnv,
  args: readonly string[],
  stdin?: string,
): Promise<string> {
  const socketPath = process.env['CLOCKWORK_TEST_COMMANDS'];
  if (socketPath === undefined) throw new Error('the tests need their command runner: run them with npm test');
  const outcome = await new Promise<Outcome>((resolve, reject) => {
    request({ socketPath, method: 'POST', path: '/' }, (answer) => {
      (json(answer) as Promise<Outcome>).then(resolve, reject);
    })
      .on('error', reject)
      .end(JSON.stringify({ environment, args, stdin }));
  });
  if ('failure' in outcome) throw new Error(`clockwork ${args.join(' ')}: ${outcome.failure}`);
  return outcome.stdout;
}

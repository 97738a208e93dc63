import { type Command, Option } from 'commander';
import { ApiKeysService, KEY_SCOPES, keyExpiry, type KeyScope, LAST_YEAR } from '#libs/auth';
import { commandActor } from '#libs/audit';
import { CommandFailure } from '../command-failure.js';
import { printRows } from '../rows.js';
import { withSession } from '../session.js';
import { talk } from '../talk.js';

const COLUMNS = ['id', 'email', 'name', 'scope', 'created', 'expires', 'last_used', 'revoked'];

export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('the API keys with which users ask');

  keys
    .command('create')
    .argument('<email>', 'whose key it is')
    .description('make a key and print it: it is stored nowhere and cannot be shown again')
    .option('--name <text>', 'what it is for')
    .option(
      '--expires <duration>',
      'until when it is valid, from now: a number and a unit (s, m, h, d, w), such as 90d',
    )
    .addOption(
      new Option('--scope <scope>', 'what it may be used for: all that its owner may do, or reading /metrics alone')
        .choices(KEY_SCOPES)
        .default('all'),
    )
    .addHelpText('after', '\nExample:\n  KEY=$(clockwork keys create ada@example.org --name notebook --expires 90d)')
    .action(async (email: string, given: { name?: string; expires?: string; scope: KeyScope }) => {
      const expires = expiry(given.expires);
      await withSession(async ({ services }) => {
        const { name = null, scope } = given;
        const options = { name, expires, scope };
        const { key } = await services.get(ApiKeysService).create(email, options, commandActor());
        talk('This key is shown only once:');
        process.stdout.write(`${key}\n`);
      });
    });

  keys
    .command('list')
    .argument('[email]', 'whose keys; all where left out')
    .description('list keys, without their secrets')
    .action((email: string | undefined) =>
      withSession(async ({ services }) => {
        printRows(
          (await services.get(ApiKeysService).list(email)).map((key) => ({ ...key })),
          COLUMNS,
        );
      }),
    );

  keys
    .command('revoke')
    .argument('<keyid>', 'the id that "keys list" shows; it is part of the key too: cw_ID_…')
    .description('refuse a key from now on')
    .action((id: string) =>
      withSession(async ({ services }) => {
        await services.get(ApiKeysService).revoke(id, commandActor());
      }),
    );
}

function expiry(duration: string | undefined): Date | null {
  if (duration === undefined) return null;
  const end = keyExpiry(duration, new Date());
  if (end === 'too long') {
    throw new CommandFailure(
      `--expires ${duration} is after the year ${LAST_YEAR}. Leave it out for a key that is valid for ever.`,
      2,
    );
  }
  if (end === 'no duration') {
    throw new CommandFailure(
      `--expires takes a number and a unit (s, m, h, d, w), such as 90d, not ${JSON.stringify(duration)}.`,
      2,
    );
  }
  return end;
}

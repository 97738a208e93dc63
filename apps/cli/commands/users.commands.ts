import type { Command } from 'commander';
import { commandActor } from '#libs/audit';
import { type UserChanges, UsersService } from '#libs/auth';
import { JobNames } from '#libs/jobs';
import { printRows } from '../rows.js';
import { type Session, withSession } from '../session.js';
import { talk } from '../talk.js';

interface UserOptions {
  clusterUsername?: string;
  ccUsername?: string;
  admin?: boolean;
  clusters?: string;
}

const COLUMNS = ['mila_email_username', 'mila_cluster_username', 'cc_account_username', 'status', 'admin', 'clusters'];
const ALL_CLUSTERS = '*';

export function addUsersCommands(program: Command): void {
  const users = program.command('users').description('who may ask, and under which usernames their jobs run');

  withUserOptions(users.command('add'))
    .argument('<email>', "the user's e-mail address")
    .description('add a user; fails where there is one with this address')
    .option('--admin', 'may administer')
    .addHelpText(
      'after',
      '\nExample:\n  clockwork users add ada@example.org --cluster-username ada --cc-username ada01',
    )
    .action((email: string, options: UserOptions) =>
      withSession(async (session) => {
        await session.services.get(UsersService).add(email, changes(options), commandActor());
        await fillInNames(session);
      }),
    );

  withUserOptions(users.command('set'))
    .argument('<email>', "the user's e-mail address")
    .description('change a user; what is not named stays as it is')
    .option('--admin', 'may administer')
    .option('--no-admin', 'may not')
    .addHelpText('after', '\nExample:\n  clockwork users set ada@example.org --cc-username "" --clusters mila,beluga')
    .action((email: string, options: UserOptions) =>
      withSession(async (session) => {
        await change(session, email, changes(options));
        await fillInNames(session);
      }),
    );

  users
    .command('list')
    .description('list the users')
    .action(() =>
      withSession(async ({ services }) => {
        printRows(
          (await services.get(UsersService).list()).map((user) => ({ ...user })),
          COLUMNS,
        );
      }),
    );

  for (const [name, status, effect] of [
    ['disable', 'disabled', 'refuse all keys of a user'],
    ['enable', 'enabled', 'take the keys of a disabled user again'],
  ] as const) {
    users
      .command(name)
      .argument('<email>', "the user's e-mail address")
      .description(effect)
      .action((email: string) => withSession((session) => change(session, email, { status })));
  }
}

function withUserOptions(command: Command): Command {
  return command
    .option('--cluster-username <name>', 'their username on the Mila cluster; "" for none')
    .option('--cc-username <name>', 'their username on the Compute Canada clusters; "" for none')
    .option('--clusters <names>', `the clusters they may see, comma-separated; '${ALL_CLUSTERS}' for all, "" for none`);
}

function changes(options: UserOptions): UserChanges {
  return {
    ...(options.clusterUsername === undefined ? {} : { mila_cluster_username: options.clusterUsername || null }),
    ...(options.ccUsername === undefined ? {} : { cc_account_username: options.ccUsername || null }),
    ...(options.admin === undefined ? {} : { admin: options.admin }),
    ...(options.clusters === undefined ? {} : { clusters: clusterList(options.clusters) }),
  };
}

async function change({ services }: Session, email: string, changes: UserChanges): Promise<void> {
  const users = services.get(UsersService);
  await users.change(email, changes, commandActor());
  const mayLose = changes.admin === false || changes.status === 'disabled';
  if (mayLose && !(await users.hasAdministrator())) {
    talk('Nobody is left who may administer by the API. To make somebody: clockwork users set EMAIL --admin');
  }
}

function clusterList(text: string): string[] | null {
  return text === ALL_CLUSTERS
    ? null
    : text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');
}

async function fillInNames({ services }: Session): Promise<void> {
  const changed = await services.get(JobNames).refillPending();
  if (changed > 0) talk(`Filled in the names of ${changed} jobs.`);
}

import { Command } from 'commander';
import { addArchiveCommand } from './commands/archive.command.js';
import { addAuditCommand } from './commands/audit.command.js';
import { addCollectCommand } from './commands/collect.command.js';
import { addDbCommands } from './commands/db.commands.js';
import { addDemoCommand } from './commands/demo.command.js';
import { addExportCommand } from './commands/export.command.js';
import { addImportCommand } from './commands/import.command.js';
import { addKeysCommands } from './commands/keys.commands.js';
import { addStatusCommand } from './commands/status.command.js';
import { addUsersCommands } from './commands/users.commands.js';

const AFTER_HELP = `
Answers go to stdout, one JSON object a line where a program reads them and a table on a terminal; all talk goes to
stderr. Exit: 0 done, 1 not done (stderr says why), 2 wrong usage.

The database is that of MONGODB_URI, else the embedded one in CLOCKWORK_DATA_DIR (./data), which is started for the
command where no server is running on it. Both are taken from the environment or a file .env; .env.example has them all.

A first key:
  clockwork users add ada@example.org --cluster-username ada --admin
  clockwork keys create ada@example.org --name notebook --expires 90d
`;

export function createProgram(): Command {
  const program = new Command('clockwork')
    .description(
      'Administers Clockwork: users and keys, the audit log, import and export, the archive, the database, a demo.',
    )
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
    .showHelpAfterError('(add --help to see how it is used)');
  addUsersCommands(program);
  addKeysCommands(program);
  addAuditCommand(program);
  addImportCommand(program);
  addExportCommand(program);
  addArchiveCommand(program);
  addCollectCommand(program);
  addStatusCommand(program);
  addDbCommands(program);
  addDemoCommand(program);
  return program;
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { AUDIT_ACTIONS, type AuditAction, AuditLog, shownAuditEntry, sinceInstant } from '#libs/audit';
import { printRows, type Row } from '../rows.js';
import { withSession } from '../session.js';

const MOST = 10_000;
const DEFAULT = 100;
const COLUMNS = ['at', 'who', 'what', 'target', 'before', 'after', 'from'];

const AFTER_HELP = `
Examples:
  clockwork audit --since 7d
  clockwork audit --who ada@example.org --what key.create --limit 1000
`;

interface Options {
  since?: Date;
  who?: string;
  what?: AuditAction;
  limit: number;
}

export function addAuditCommand(program: Command): void {
  program
    .command('audit')
    .description('print what administrators have changed, and who was refused to; newest first')
    .option('--since <time>', 'entries since then alone: so long ago, such as 7d, or a time of ISO 8601', since)
    .option('--who <email>', 'of this person alone, or of the user that a command ran as')
    .addOption(new Option('--what <action>', 'of this kind alone').choices(AUDIT_ACTIONS))
    .option('--limit <number>', `at most so many, up to ${MOST}`, limit, DEFAULT)
    .addHelpText('after', AFTER_HELP)
    .action((options: Options) =>
      withSession(async ({ services }) => {
        const entries = await services.get(AuditLog).list(options);
        const shown = entries.map(shownAuditEntry);
        if (process.stdout.isTTY) printRows(shown.map(forPeople), COLUMNS);
        else for (const entry of shown) process.stdout.write(`${JSON.stringify(entry)}\n`);
      }),
    );
}

function forPeople({ at, who, what, target, before, after, from }: ReturnType<typeof shownAuditEntry>): Row {
  const name = who.email ?? `${who.os_user ?? ''}@${who.host ?? ''}`;
  return { at, who: name, what, target, before: text(before), after: text(after), from };
}

function text(fields: object | null): string | null {
  return fields === null ? null : JSON.stringify(fields);
}

function since(value: string): Date {
  const instant = sinceInstant(value, new Date());
  if (instant !== null) return instant;
  throw new InvalidArgumentError('It takes a number and a unit (s, m, h, d, w), such as 7d, or a time of ISO 8601.');
}

function limit(value: string): number {
  const number = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= MOST) return number;
  throw new InvalidArgumentError(`It takes a whole number from 1 to ${MOST}.`);
}

import { type Command, InvalidArgumentError } from 'commander';
import { commandActor } from '#libs/audit';
import { durationMs } from '#libs/common';
import { MaintenanceBusyError } from '#libs/database';
import { ArchiveError, type ArchiveTerms, JobArchiver } from '#libs/jobs';
import { CommandFailure } from '../command-failure.js';
import { printRows } from '../rows.js';
import { withSession } from '../session.js';
import { talk } from '../talk.js';

const COLUMNS = ['ended_before', 'deleted_before', 'cluster', 'dry_run', 'archived', 'deleted'];
/** Accounting still changes what is younger. */
const SHORTEST = '1d';

const AFTER_HELP = `
Archived jobs take about half the space, and lists and counts leave them out. jobs/one still finds them, their owners can
still update their dicts, and a record of Slurm's or of an import that says anything new brings a job back to the lists.
A job whose end is not known stays where it is.

It may be cut off at any time: every job is then in one place, and the next run goes on. One run at a time does anything.

Examples:
  clockwork archive --older-than 365d --dry-run
  clockwork archive --older-than 365d --delete-older-than 3650d
`;

interface Options {
  olderThan?: number;
  deleteOlderThan?: number;
  cluster?: string;
  dryRun?: true;
}

export function addArchiveCommand(program: Command): void {
  program
    .command('archive')
    .description('move jobs that ended long ago to compressed storage; delete the oldest of them')
    .option('--older-than <duration>', 'archive jobs that ended longer ago than this, such as 365d', duration)
    .option('--delete-older-than <duration>', 'delete archived jobs that ended longer ago than this', duration)
    .option('--cluster <name>', 'jobs of this cluster alone')
    .option('--dry-run', 'say how many that would be, and do nothing')
    .addHelpText('after', AFTER_HELP)
    .action(async (options: Options) => {
      const terms = termsOf(options, Date.now());
      await withSession(async ({ services }) => {
        const archiver = services.get(JobArchiver);
        const counts = options.dryRun === true ? await archiver.due(terms) : await archive(archiver, terms);
        const { endedBefore, deletedBefore, cluster } = terms;
        const asked = { ended_before: endedBefore, deleted_before: deletedBefore, cluster };
        printRows([{ ...asked, dry_run: options.dryRun ?? false, ...counts }], COLUMNS);
      });
    });
}

async function archive(archiver: JobArchiver, terms: ArchiveTerms) {
  const interrupted = new AbortController();
  const interrupt = () => {
    interrupted.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const manners = { actor: commandActor(), report: talk, share: 1, signal: interrupted.signal };
    const done = await archiver.run(terms, manners);
    if (!interrupted.signal.aborted) return done;
    throw new CommandFailure(
      `Broken off: ${done.archived} jobs archived, ${done.deleted} deleted. Start it again for the rest.`,
    );
  } catch (error) {
    if (error instanceof ArchiveError || error instanceof MaintenanceBusyError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
  }
}

function termsOf({ olderThan, deleteOlderThan, cluster }: Options, now: number): ArchiveTerms {
  if (olderThan === undefined && deleteOlderThan === undefined) {
    throw new CommandFailure('Say what to archive with --older-than, or what to delete with --delete-older-than.', 2);
  }
  if (olderThan !== undefined && deleteOlderThan !== undefined && deleteOlderThan <= olderThan) {
    throw new CommandFailure('--delete-older-than must be longer than --older-than: what it names is lost.', 2);
  }
  const before = (age: number | undefined) => (age === undefined ? null : new Date(now - age));
  return {
    endedBefore: before(olderThan),
    deletedBefore: before(deleteOlderThan),
    cluster: cluster ?? null,
  };
}

function duration(value: string): number {
  const ms = durationMs(value);
  if (ms !== null && ms >= (durationMs(SHORTEST) ?? 0)) return ms;
  throw new InvalidArgumentError(`It takes a number and a unit (s, m, h, d, w), ${SHORTEST} or more, such as 365d.`);
}

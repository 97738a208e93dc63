import type { Figure } from '../figure.ts';
import { thousands } from '../thousands.ts';
import type { BenchOptions } from '../options.ts';
import type { MachineFacts } from './machine.ts';
import { cells, HEADINGS } from './wording.ts';

export interface BenchResult {
  figures: readonly Figure[];
  options: BenchOptions;
  machine: MachineFacts;
}

/** The part of the page that is made by a run. */
export function performancePage({ figures, options, machine }: BenchResult, hasPlot: boolean): string {
  return `# Performance

Written by \`npm run bench\`, to be repeated on any machine: what counts are the ratios, not the times. In numbers for
programs: [performance.json](performance.json).

| Taken on  |                                                        |
| --------- | ------------------------------------------------------ |
| Date      | ${machine.date} |
| Machine   | ${machine.cores} cores, ${machine.processor}, ${machine.memoryGib} GiB of memory, ${machine.system} |
| Software  | Node ${machine.node}, mongod ${machine.mongod} (embedded, on a Unix socket) |
| Jobs      | ${thousands(options.jobs)}; ${options.rounds} rounds |

## Figures

${table(figures)}
${hasPlot ? '\n![Jobs a second of the whole list, Clockwork beside the baselines](performance.svg)\n' : ''}
${METHOD}`;
}

function table(figures: readonly Figure[]): string {
  const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(HEADINGS), line(HEADINGS.map(() => '---')), ...figures.map((one) => line(cells(one)))].join('\n');
}

const METHOD = `## How they are taken

Each figure is the median of its rounds, in which the sides of a comparison take turns (a, b, c, ours, a, b, …), so that
what else the machine does slows all of them; a ratio is taken round by round. All sides read the same database, which
the run makes: made-up jobs through \`clockwork import\`, beyond 100 000 copied by the database itself, 2 000 nodes, one
\`mongod\`. The service is the built API in its default configuration, in a process of its own, asked over HTTP with a
key. The client throws away what it reads.

- **(a)** is a plain Node service, in a process of its own: Fastify, \`find().sort().toArray()\` and \`JSON.stringify\`, or
  \`findOne\`, with the same indexes, without keys, checks or log.
- **(b)** is the driver's limit: the same raw cursor, taken by whole batches of 1 000 and thrown away.
- **(c)** is the floor: mongod's answers to the same query, batches of 1 000, read off its socket and thrown away.
- **Whole list**: from the request to the last byte, each side warmed up by three lists, uncompressed, after a job was changed, so that no answer kept from
  before is measured. A list of more than 100 000 is compared with (b) alone: for (a) it would be a longer string than
  JavaScript has. Its first byte is the first of the body. Speed against (a) is (a)'s time divided by ours.
- **Unchanged list**: the list has been read three times, and nothing has changed since; with \`If-None-Match\` the median of requests on one connection.
- **Memory**: a fresh API process reads the list once and comes to rest; growth is the most resident memory from then on
  while 8 clients read it at once. A reader that has stopped has taken the head and some bytes of the list; 16 of
  them at once, once the memory has come to rest again.
- **\`jobs/one\` under load**: 32 connections with one request each under way, for random jobs.
- **One user's jobs**: the median of requests on one connection; the user's jobs are spread over the whole time.
- **Updates**: one connection each, all at once, each with a key of its own; all of them are there afterwards.
- **\`nodes/one\`, \`gpu/one\`**: the median of requests on one connection; processor time is that of API and database
  together, for one request.
- **Reading against \`JSON.parse\`**: the recorded answers of Slurm's \`squeue --json\`, with their waiting and running jobs
  repeated under ids of their own, indented as Slurm prints them and compact. Each side is a process of its own: our reader
  takes the bytes in pieces of 64 KiB and makes records of them; \`JSON.parse\` is given the whole text, decoded beforehand.
- **A cycle of the collector**: the collector's own code, in a process that is told when to read, with a \`squeue\` that is a
  script with \`cat\`; from the question to the last write, nodes and accounting (empty) included. Between two readings all
  jobs or one in a hundred got another comment, the least that a job can change by; in each that waits the priority and the
  time of its last evaluation are others in every reading, as in Slurm. 24.11 prints thrice as much of a job as 22.05 and so
  costs a cycle in which little changed more; both are shown.
- **Memory of the collector**: most resident memory, its children's included, of a process that has just started and come to
  rest: while it adds all jobs of 24.11 to an empty database, and in the next cycle, in which one in a hundred has changed.
- **not offered**: the service does not have it.
`;

import { type Document, Lexer, type LineCounter, parseDocument, Parser } from 'yaml';
import type { FileProblems } from './file-problems.js';

/** Far more than a clusters file needs, and far less than fills the stack of what goes through the document. */
const MOST_DEPTH = 64;

/**
 * The document that a text is.
 * @throws ConfigurationError with all that is no YAML
 */
export function yamlDocument(text: string, lineCounter: LineCounter, problems: FileProblems): Document.Parsed {
  const tooDeep = depthExceeded(text);
  if (tooDeep !== null) {
    // The lines are counted as the document is made, which this one is not.
    lineCounter.lineStarts.push(0, ...lineStarts(text.slice(0, tooDeep)));
    problems.add(tooDeep, '', `is nested more than ${MOST_DEPTH} deep.`);
    problems.tell();
  }
  // A key that is given twice is told with its path later; yaml's own check takes quadratic time.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  for (const error of document.errors) problems.add(error.pos[0], '', `is no YAML: ${sentence(error.message)}`);
  problems.tell();
  return document;
}

/** Where a text is nested too deep, null where it is not; told by its tokens, since making nodes of them recurses. */
function depthExceeded(text: string): number | null {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // The parser goes on as what it yields is taken.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > MOST_DEPTH) return parser.offset;
  }
  return null;
}

function lineStarts(text: string): number[] {
  return [...text.matchAll(/\n/g)].map(({ index }) => index + 1);
}

function sentence(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

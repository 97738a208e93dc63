import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A fenced block of code in a page of documentation. */
export interface DocumentBlock {
  /** The heading that it stands under. */
  section: string;
  language: string;
  code: string;
  /** Its comments that are a dict: what the line above prints. */
  prints: string[];
}

export function documentText(page: string): string {
  return readFileSync(resolve(page), 'utf8');
}

export function documentBlocks(page: string): DocumentBlock[] {
  const blocks: DocumentBlock[] = [];
  let section = '';
  for (const [, heading, language, code] of documentText(page).matchAll(/^##+ (.+)$|^```(\w+)\n([^]*?)^```$/gm)) {
    if (heading !== undefined) section = heading;
    else if (language !== undefined && code !== undefined) {
      blocks.push({
        section,
        language,
        code,
        prints: [...code.matchAll(/^# (\{.*\})$/gm)].map((match) => match[1] ?? ''),
      });
    }
  }
  return blocks;
}

/** The lines of all tables of a page, as their cells. */
export function tableRows(page: string): string[][] {
  return [...documentText(page).matchAll(/^\|(.+)\|$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );
}

/** The targets of a page's links that are files of the project, with the heading they name. */
export function localLinks(page: string): { file: string; heading: string | undefined }[] {
  return [...documentText(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^https?:/.test(target))
    .map((target) => {
      const [path = '', heading] = target.split('#');
      return { file: path === '' ? resolve(page) : resolve(page, '..', path), heading };
    });
}

/** What the headings of a page are called in a link, as GitHub makes it. */
export function headingAnchors(page: string): string[] {
  return [...documentText(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

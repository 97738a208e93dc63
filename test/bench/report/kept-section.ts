/** What stands from here on in the page is written by hand. */
export const MARKER = '<!-- From here on written by hand: a new run keeps it. -->';

const FIRST_TEXT = `${MARKER}

## What limits

Nothing has been written here yet.
`;

/** A page that is made anew, with what people had written below the last one. */
export function withKeptSection(generated: string, previous: string | null): string {
  const at = previous?.indexOf(MARKER) ?? -1;
  const kept = previous === null || at === -1 ? FIRST_TEXT : previous.slice(at);
  return `${generated.trimEnd()}\n\n${kept}`;
}

import { MARKER, withKeptSection } from './kept-section.ts';

describe('what is written by hand', () => {
  it('begins as a section to be filled', () => {
    for (const previous of [null, '# A page without the marker\n']) {
      expect(withKeptSection('# New\n', previous)).toMatch(new RegExp(`^# New\n\n${MARKER}\n\n## What limits\n`));
    }
  });

  it('is kept to the letter by each new run', () => {
    const byHand = `${MARKER}\n\n## What limits\n\nThe *garbage collector*.\n\n## More\n`;
    const second = withKeptSection('# New\n', `# Old\n\n${byHand}`);
    expect(second).toBe(`# New\n\n${byHand}`);
    expect(withKeptSection('# Newer', second)).toBe(`# Newer\n\n${byHand}`);
  });
});

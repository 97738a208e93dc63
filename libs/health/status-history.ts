import type { Finding, HealthPart, KnownStatus } from './health-part.js';

/** Since when each part has the status that it has: as what was looked at tells, else as it was seen to change. */
export class StatusHistory {
  private known = new Map<string, KnownStatus>();

  /**
   * What was found now, in place of what was found before.
   * @param elsewhere what other processes saw of the same parts: who has looked for longer knows better
   */
  note(findings: readonly Finding[], elsewhere: readonly KnownStatus[], now: Date): HealthPart[] {
    const parts = findings.map((finding) => ({
      ...finding,
      since: finding.since ?? this.since(finding, elsewhere, now),
    }));
    this.known = new Map(parts.map((part) => [keyOf(part), part]));
    return parts;
  }

  private since(finding: Finding, elsewhere: readonly KnownStatus[], now: Date): Date {
    const own = this.known.get(keyOf(finding));
    const seen = [...(own === undefined ? [] : [own]), ...elsewhere.filter((other) => keyOf(other) === keyOf(finding))]
      .filter(({ status }) => status === finding.status)
      .map(({ since }) => since.getTime());
    return new Date(Math.min(now.getTime(), ...seen));
  }
}

function keyOf({ part, about }: Pick<Finding, 'part' | 'about'>): string {
  return JSON.stringify([part, about]);
}

/** Every offset that a zone has had since 1972 begins and ends on a whole quarter of an hour of UTC. */
const QUARTER_HOUR = 900;

/** An offset is asked of Intl once a quarter of an hour and zone: that takes microseconds, and a cluster has many jobs. */
const MOST_OFFSETS = 50_000;

interface Zone {
  format: Intl.DateTimeFormat;
  /** `-05:00`, by quarter of an hour. */
  offsets: Map<number, string>;
}

const LOCAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const DAY = 86_400;

const zones = new Map<string, Zone>();

/**
 * ISO 8601 with the offset that the zone has at that instant: `2020-02-04T03:22:55-05:00`, and `+00:00` for UTC.
 * Throws RangeError for a zone that IANA does not have.
 */
export function isoTime(epochSeconds: number, timeZone: string): string {
  const offset = offsetAt(epochSeconds, timeZone);
  return new Date((epochSeconds + secondsOf(offset)) * 1000).toISOString().slice(0, 19) + offset;
}

/**
 * Epoch seconds of `2026-11-24T17:23:56` as clocks show it in a zone; null for a text that is no such time. Of the two instants
 * that an hour at the end of summer time means the earlier is taken; a time that the beginning of summer time leaves out, which
 * no clock shows, is that long after its gap began.
 */
export function instantOf(localTime: string, timeZone: string): number | null {
  if (!LOCAL_TIME.test(localTime)) return null;
  const asUtc = Date.parse(`${localTime}Z`) / 1000;
  if (Number.isNaN(asUtc)) return null;
  // Zones change their offset by some hours at most, and never twice within two days.
  const [before, after] = [asUtc - DAY, asUtc + DAY].map((time) => secondsOf(offsetAt(time, timeZone)));
  const instants = [before, after].map((offset) => asUtc - (offset ?? 0)).sort((a, b) => a - b);
  const shown = instants.find((instant) => instant + secondsOf(offsetAt(instant, timeZone)) === asUtc);
  return shown ?? asUtc - (before ?? 0);
}

/** `-05:00` in seconds. */
function secondsOf(offset: string): number {
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  return (hours * 60 + minutes) * 60 * (offset.startsWith('-') ? -1 : 1);
}

function offsetAt(epochSeconds: number, timeZone: string): string {
  const zone = zoneOf(timeZone);
  const quarter = Math.floor(epochSeconds / QUARTER_HOUR);
  const known = zone.offsets.get(quarter);
  if (known !== undefined) return known;

  const parts = zone.format.formatToParts(epochSeconds * 1000);
  // `GMT-05:00`, and for no offset `GMT` alone.
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const offset = /[+-]\d\d:\d\d/.exec(name)?.[0] ?? '+00:00';
  if (zone.offsets.size >= MOST_OFFSETS) zone.offsets.clear();
  zone.offsets.set(quarter, offset);
  return offset;
}

function zoneOf(timeZone: string): Zone {
  let zone = zones.get(timeZone);
  if (zone === undefined) {
    zone = {
      format: new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }),
      offsets: new Map(),
    };
    zones.set(timeZone, zone);
  }
  return zone;
}

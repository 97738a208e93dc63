/** Somebody with an account on each cluster. */
export interface Person {
  email: string;
  mila: string;
  cc: string;
  uid: string;
}

function person(name: string, number: number): Person {
  return { email: `${name}@example.org`, mila: name, cc: `cc${name}`, uid: String(10_000 + number) };
}

/** Has one job in twenty, and the key that the requests are made with. */
export const BUSY = person('busyuser', 0);
/** Has this many jobs, however many there are of others. */
export const OCCASIONAL = person('occasionaluser', 1);
export const OCCASIONAL_JOBS = 50;

/** About fifty jobs a person, up to the number of people of a large lab. */
export function others(jobs: number): Person[] {
  const count = Math.min(2_000, Math.floor(jobs / 50)) - 2;
  return Array.from({ length: count }, (_, index) => person(`user${String(index).padStart(5, '0')}`, index + 2));
}

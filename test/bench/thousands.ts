/** A number as people read it: `100 000`. */
export function thousands(value: number | string): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

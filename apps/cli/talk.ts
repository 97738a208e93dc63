/** Talk is for people and goes to stderr: stdout holds what a script reads. */
export function talk(message: string): void {
  process.stderr.write(`${message}\n`);
}

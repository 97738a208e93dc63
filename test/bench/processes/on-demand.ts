export type AnswerOnDemand<T> = { result: T } | { error: string };

/** The side of a process of ours that does its work once for each message from its parent, until that goes. */
export function onDemand<T>(work: (question: unknown) => Promise<T>): void {
  process.on('message', (question) => {
    work(question).then(
      (result) => process.send?.({ result } satisfies AnswerOnDemand<T>),
      (error: unknown) => process.send?.({ error: String(error) } satisfies AnswerOnDemand<T>),
    );
  });
  process.on('disconnect', () => process.exit(0));
}

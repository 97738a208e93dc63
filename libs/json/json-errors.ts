/** What is wrong with a JSON text, as the end of a sentence that names the place: "update_pairs: …". */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

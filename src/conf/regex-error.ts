/** A pattern that cannot be compiled: `message` is nginx's reason, without the place in the file. */
export class RegexError extends Error {
  override readonly name = 'RegexError';
}

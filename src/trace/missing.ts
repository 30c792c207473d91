/** Something is not on this machine, or not allowed, without which a command cannot do what was asked; says how to get it. */
export class MissingError extends Error {
  override readonly name = 'MissingError';
}

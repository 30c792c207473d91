import { visible } from '../tools/visible.js';

/** A text that came from the other end, made harmless for a terminal: a byte string again, as all messages are. */
export function plain(text: string): string {
  return Buffer.from(visible(text)).toString('latin1');
}

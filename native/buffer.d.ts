/** Methods that every Node has and @types/node leaves out: `toString('latin1')` and `write(…, 'latin1')` without the detour. */
interface Buffer {
  latin1Slice(start?: number, end?: number): string;
  latin1Write(text: string, offset?: number, length?: number): number;
}

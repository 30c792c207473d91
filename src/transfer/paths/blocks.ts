/**
 * Which place of the file the next block is read from. As a rule that is the stream's own offset. With a fixed offset (the
 * paper's table 2) it is the file's start again and again: byte `offset` of the stream is byte `offset % block` of the file.
 */
export class Blocks {
  /** Bytes of the block that is read again and again; 0 where none is. */
  private readonly repeated: number;

  /**
   * @param largest bytes of a block
   * @param fileSize bytes: a block that is repeated is no larger
   */
  constructor(
    readonly largest: number,
    isFixed: boolean,
    fileSize: number,
  ) {
    this.repeated = isFixed ? Math.max(1, Math.min(largest, fileSize)) : 0;
  }

  /** Where in the file byte `offset` of the stream stands. */
  place(offset: number): number {
    return this.repeated === 0 ? offset : offset % this.repeated;
  }

  /** Bytes of the block that begins at `place`, of which no more than `count` are wanted. */
  size(place: number, count: number): number {
    return Math.min(count, this.repeated === 0 ? this.largest : this.repeated - place);
  }
}

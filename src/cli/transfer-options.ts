/** What the commands that move files have in common. */

/** Bytes of `--block-size`. */
export const blockSizes = { least: 512, most: 256 * 1024 * 1024 };
/** Seconds of `--timeout`: within two of them the other end says that it is there. */
export const timeouts = { least: 2, most: 86_400 };

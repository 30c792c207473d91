/** The version of this program; package.json has the same, and a test holds them together. */
export const version = '0.1.0';

/** As the Server header and `-v` name the program. */
export const product = `zerocopy/${version}`;

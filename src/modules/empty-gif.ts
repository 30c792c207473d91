/** `empty_gif`: one transparent pixel, from memory. */
import { type Handler, type Module, Outcome } from './module.js';
import { row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    emptyGif: boolean;
  }
}

/** Nobody wants it again: nginx's date, long gone by. */
const DATE = 23_349_600;

/** A picture of 1 × 1 with two colours, black and white, of which the first is transparent (GIF89a). */
const GIF = Buffer.from(
  [
    ...['474946383961', '0100', '0100', '80', '01', '00', '000000', 'ffffff'],
    ...['21f904', '01', '0000', '01', '00'],
    ...['2c', '0000', '0000', '0100', '0100', '00', '02', '02', '4c01', '00', '3b'],
  ].join(''),
  'hex',
);

const answer: Handler = ({ head, response }) => {
  if (head.method !== 'GET' && head.method !== 'HEAD') return 405;
  response.status = 200;
  response.contentType = 'image/gif';
  response.contentLength = GIF.length;
  response.lastModified = DATE;
  response.body = [{ bytes: GIF }];
  return Outcome.Respond;
};

const PHASES = { content: answer };
const NONE = {};

export const emptyGif: Module = {
  name: 'empty_gif',
  directives: [
    row<'emptyGif'>({
      name: 'empty_gif',
      key: 'emptyGif',
      contexts: ['location'],
      args: [0, 0],
      initial: false,
      doc: 'Answers with a transparent picture of one pixel.',
      parse: () => true,
      // it is said of one place, and of none within it
      merge: own => own ?? false,
    }),
  ],
  phases: settings => (settings.emptyGif ? PHASES : NONE),
};

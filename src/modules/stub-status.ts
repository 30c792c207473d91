/** `stub_status`: the page of nginx's module of this name, and its variables. */
import type { Subject, Variable } from '../conf/variables.js';
import { type Activity, type Handler, type Module, Outcome, type Request } from './module.js';
import { row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    stubStatus: boolean;
  }
}

const answer: Handler = request => {
  const { method } = request.head;
  if (method !== 'GET' && method !== 'HEAD') return 405;
  const { response } = request;
  const bytes = Buffer.from(pageOf(request.activity), 'latin1');
  response.status = 200;
  response.contentType = 'text/plain';
  response.contentLength = bytes.length;
  response.body = [{ bytes }];
  return Outcome.Respond;
};

/** As nginx lays it out, with its blanks. */
function pageOf({ active, accepted, handled, requests, reading, writing, waiting }: Activity): string {
  return `Active connections: ${active} \nserver accepts handled requests\n ${accepted} ${handled} ${requests} \nReading: ${reading} Writing: ${writing} Waiting: ${waiting} \n`;
}

function variable(name: string, doc: string, of: (activity: Activity) => number): Variable {
  return { name, doc, get: (subject: Subject) => `${of((subject as Request).activity)}` };
}

const PHASES = { content: answer };
const NONE = {};

export const stubStatus: Module = {
  name: 'stub_status',
  directives: [
    row<'stubStatus'>({
      name: 'stub_status',
      key: 'stubStatus',
      contexts: ['server', 'location'],
      args: [0, 1],
      initial: false,
      doc: 'Answers with the number of connections and requests of all workers, in the form that monitors of nginx read.',
      parse: () => true,
      // as nginx: it is said of one place, and of none within it
      merge: own => own ?? false,
    }),
  ],
  variables: [
    variable('connections_active', 'Open connections of all workers.', each => each.active),
    variable('connections_reading', 'Those of which a request head is being read.', each => each.reading),
    variable('connections_writing', 'Those that are being answered.', each => each.writing),
    variable('connections_waiting', 'Those that are idle.', each => each.waiting),
  ],
  phases: settings => (settings.stubStatus ? PHASES : NONE),
};

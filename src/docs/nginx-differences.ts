/** Where the server answers otherwise than nginx 1.22 on purpose. The pairs of test/differential hold the table to what both do. */

export interface Difference {
  readonly title: string;
  readonly nginx: string;
  readonly here: string;
  readonly why: string;
  /** The lines of a transcript that differ; left out: any. */
  readonly lines?: RegExp;
  /** The pairs that show it: "SUITE: case", or what matches several. */
  readonly cases: readonly (string | RegExp)[];
}

/** Whether a difference is shown by a pair. */
export function isShownBy(difference: Difference, id: string): boolean {
  return difference.cases.some(one => (typeof one === 'string' ? one === id : one.test(id)));
}

export const differences: readonly Difference[] = [
  {
    title: 'COPY and MOVE of something onto itself or into itself',
    nginx: 'empties a file, loses a folder, or copies it into itself until its path is too long',
    here: 'are forbidden (403)',
    why: 'RFC 4918 sections 9.8.5 and 9.9.4, and nothing is to be lost.',
    cases: ['dav-forms: onto itself', 'dav-forms: MOVE onto itself'],
  },
  {
    title: 'DELETE of the folder that `root` or `alias` names',
    nginx: 'removes it',
    here: 'is forbidden (403)',
    why: 'What is in it is for clients to change, and not itself.',
    cases: ['dav-forms: a whole root'],
  },
  {
    title: '`Depth: 0` with COPY of a folder',
    nginx: 'copies all that is in it',
    here: 'makes the folder alone',
    why: 'RFC 4918 section 9.8.3 has it.',
    cases: ['dav-forms: COPY with Depth'],
  },
  {
    title: 'A % in Destination that two digits do not follow',
    nginx: 'is left out, with what follows it',
    here: 'is no URI (400)',
    why: 'The same in a request line is a bad request for both.',
    cases: [/^dav-forms: (COPY|MOVE) to "\/AT\/to%(2|zz)?"$/],
  },
  {
    title: 'What the error log has of a COPY that fails',
    nginx: 'the call that failed, with one of the two files',
    here: 'both files',
    why: 'Either may be the reason.',
    lines: /^error log: \[crit\] (open|copy)\(\) /,
    cases: [
      /^dav-forms: COPY to "\/(\/localhost\/AT|none)\/to"$/,
      'dav-forms: COPY a folder onto what is there',
      'dav-forms: to another location',
    ],
  },
  {
    title: 'Steps up that a request brings into a path, by an alias that lacks a slash or by a variable',
    nginx: 'lead out of the root',
    here: 'are left out of the path',
    why: 'Nothing outside of the root is served, however it is configured.',
    cases: [
      /^climbing: GET \/(i|i2|rx)(\.\.|%2e%2e|\.%2e)\/secret$/,
      /^climbing: GET \/(rewritten|paged)\/x?\?x=(b\/\.\.\/)?\.\.\/secret$/,
      /^climbing: GET \/(tried|indexed)\/\?x=\.\.\/secret$/,
      ...['GET /i..%2fsecret', 'GET /i2../', 'GET /arg/secret?x=out/..'].map(name => `climbing: ${name}`),
      'climbing: a PUT beside the folder',
    ],
  },
  {
    title: 'A file of the open file cache whose rights have changed',
    nginx: 'is served for as long as its name leads to it',
    here: 'is opened again after `open_file_cache_valid`, and forbidden then',
    why: 'Whoever takes rights away wants them gone.',
    lines: /^later: /,
    cases: [/^file-cache: (?!uses|none|linked)\w+: forbidden$/],
  },
  {
    title: 'A file that was cut short while the open file cache knows another size, without sendfile',
    nginx: 'closes the connection without a response',
    here: 'sends the head and what there is, and closes the connection, as with sendfile',
    why: 'The length tells that it is not all.',
    lines: /^soon: /,
    cases: [/^file-cache: (off|direct|errors|try|zipped|listed): cut short$/],
  },
  {
    title: 'A small file of the open file cache that is written over in place, long after it was last changed',
    nginx: 'has its new bytes at once, under the old date and tag',
    here: 'has its old bytes until `open_file_cache_valid` is over, and then the new ones with their date and tag',
    why: 'Files up to 8 KB are kept in memory, where each answer is of one piece: bytes, date and tag belong together.',
    lines: /^soon: /,
    cases: ['file-cache: on: written over after a while'],
  },
  {
    title: '`disable_symlinks` with the open file cache',
    nginx: 'is believed to have been kept until `open_file_cache_valid` is over',
    here: 'is looked after for each request, and the file with it',
    why: 'It is there for folders in which others may make links at any moment.',
    lines: /^(soon|later): /,
    cases: [
      /^file-cache: linked: (replaced|removed|cut short|emptied|grown|touched|forbidden)$/,
      /^file-cache: linked: (a folder (now|that goes)|a file now|a link (to itself )?now|an index that goes)$/,
      /^file-cache: linked: (in a folder .*|a range .*|changed since|another tag)$/,
    ],
  },
  {
    title: 'What a command that fails says',
    nginx: 'is in the error log of `-e` too, with a notice that a signal is sent',
    here: 'goes to standard error',
    why: 'Who gives a command reads it there, and so does a service manager; the log is that of the server.',
    lines: /^file: (start.log|p.pid)$|^NAME: \[alert\] could not open error log file/,
    cases: [
      'command-line: a mistake, and all that it leaves',
      /^command-line: -[ep] (in no folder|no folder|a folder|a file)$/,
    ],
  },
  {
    title: '`-t` where there is no pid file',
    nginx: 'leaves an empty one',
    here: 'leaves none',
    why: 'A test changes nothing, and an empty one is an error for `-s`.',
    lines: /^file: (p.pid|start.log)$/,
    cases: ['command-line: -t, and all that it leaves'],
  },
  {
    title: 'An option that there is not, with two dashes',
    nginx: 'its second dash is invalid',
    here: 'all of it',
    why: 'There are such options here.',
    lines: /^NAME: invalid option: /,
    cases: [/^command-line: two dashes/],
  },
  {
    title: 'An empty word for `-c`, `-p` or `-e`',
    nginx: 'a path, namely the prefix',
    here: 'as if it were missing',
    why: 'No file can be meant, but a variable of a shell that is not set.',
    cases: ['command-line: -c with an empty word'],
  },
  {
    title: 'A folder in the place of a file that is read',
    nginx: '[crit] without a place',
    here: '[emerg] with the place of the `include`, [error] for a pid file',
    why: 'They are what all other reasons for a file not to be read are.',
    lines: /^NAME: \[\w+\] pread\(\) /,
    cases: [
      'command-line: -c a folder',
      'command-line: include a folder',
      'command-line: -s where the pid file is a folder',
    ],
  },
  {
    title: 'No events block',
    nginx: 'the syntax is ok before it is missing',
    here: 'it is missing',
    why: 'All mistakes of a configuration are found before it is called right.',
    lines: /syntax is ok$/,
    cases: ['command-line: no events', 'command-line: an empty file'],
  },
  {
    title: 'A file that includes itself',
    nginx: 'a crash',
    here: 'a message after 64 levels',
    why: 'It is a mistake like others.',
    cases: ['command-line: a file that includes itself'],
  },
  {
    title: '`-s` where a certificate cannot be loaded',
    nginx: 'sends no signal',
    here: 'sends it',
    why: 'A server can be stopped whatever has become of its files.',
    cases: ['command-line: -s with a certificate that is gone'],
  },
  {
    title: '$body_bytes_sent where a client has asked to go on',
    nginx: 'counts the 25 bytes of 100 Continue',
    here: 'counts the body',
    why: 'they are no part of the response, and of none of its body',
    cases: ['dav: PUT with Expect'],
  },
  {
    title: '$request_length where a body breaks the rules',
    nginx: 'counts the body up to the byte that breaks them',
    here: 'counts all that was read',
    why: 'what is not understood is dropped as a whole',
    cases: ['dav: a broken chunk'],
  },
  {
    title: 'The page of a 416 where there are trailers for other statuses',
    nginx: 'comes in a chunk, with none behind it',
    here: 'has its length',
    why: 'nothing is to stand behind it',
    cases: ['trailers: GET /plain/a.txt, Range: bytes=100-'],
  },
  {
    title: 'ETag of an error page behind auth_basic',
    nginx: 'WWW-Authenticate stands before ETag',
    here: 'ETag stands before it, as before all header lines that are added',
    why: 'the order of fields with different names says nothing (RFC 9110 section 5.3)',
    cases: [
      'access: GET /authpage/a',
      'access: GET /authpage/a, Authorization: Basic cGxhaW46d3Jvbmc=',
      'access: HEAD /authpage/a',
    ],
  },
  {
    title: 'No query behind what try_files falls back to, in a log',
    nginx: '`$args` is empty',
    here: '"-", as where there was none',
    why: 'The two are the same everywhere else.',
    lines: /^access log: /,
    cases: ['rewrite: GET /tried/none', 'errors: GET /try/x'],
  },
  {
    title: 'Keep-alive after a failed precondition (412)',
    nginx: 'says keep-alive, and closes the connection',
    here: 'says keep-alive, and keeps it',
    why: 'What is said is done.',
    lines: /^(-- (kept|closed)|access log: body 412 .*)$/,
    cases: [/^failed conditions: /, 'userid: GET /on/a.txt, If-Match: "x"'],
  },
  {
    title: 'add_header always and userid, with a range that cannot be had (416)',
    nginx: 'sent twice, before and after Content-Range',
    here: 'sent twice, before it',
    why: 'The order of fields with different names says nothing (RFC 9110 section 5.3).',
    lines: /^(X-B: b|Set-Cookie: .*)$/,
    cases: [/^ranges: GET \/headers\/digits.txt, Range: bytes=(x|100-)$/, 'userid: GET /on/a.txt, Range: bytes=100-'],
  },
  {
    title: 'return 304',
    nginx: 'sends Content-Type, and Content-Length: 0',
    here: 'sends neither',
    why: 'The client would take the length for that of what it has (RFC 9110 section 8.6).',
    lines: /^Content-/,
    cases: ['errors: GET /return304/x?q', 'errors: HEAD /return304/x'],
  },
  {
    title: 'return 301 without a URL',
    nginx: 'an empty Location',
    here: 'none',
    why: 'An empty one leads back to where it came from.',
    lines: /^Location: $/,
    cases: [/^errors: .*\/return301\//],
  },
  {
    title: 'return 494',
    nginx: 'keeps the connection, and logs 400',
    here: 'closes it, and logs 494',
    why: 'It is what a head that is too large comes to.',
    lines: /^(Connection: .*|-- (kept|closed)|access log: .*)$/,
    cases: ['errors: GET /return494/x?q'],
  },
  {
    title: 'Dates that are not in GMT',
    nginx: 'what follows the seconds of a date is not read: "10:46:31 CET" is 10:46:31 GMT',
    here: 'the date is invalid, and the condition as if it did not match',
    why: 'That is another time; the whole file is the safe answer.',
    cases: [
      /^conditions: GET \/(before\/|exact\/)?digits.txt, If-(Unmodified|Modified)-Since: Fri, 20 Nov 2026 10:46:31( CET)?$/,
    ],
  },
  {
    title: 'Control bytes of a request in the error log',
    nginx: 'as they came',
    here: 'as \\xNN',
    why: 'Whoever reads a log in a terminal is not to be at the mercy of clients.',
    lines: /^error log: /,
    cases: [
      /^smuggling: "Transfer-Encoding:.*\\(t|u000b)/,
      'static: a byte 127 in a path',
      /^dav-forms: (COPY|MOVE) to ".*%00"$/,
      /^bad-requests: (the line|Host) ".*(\\u00|\\t)/,
    ],
  },
  {
    title: 'Long lines of the error log',
    nginx: 'cut after 2048 bytes',
    here: 'whole',
    why: 'They are as long as requests may be, and the end of a line says whose request it was.',
    lines: /^error log: /,
    cases: ['static: a path of 4 KB', /^bad-requests: the line "GET \/aaa/],
  },
  {
    title: 'A back reference to a group that has matched nothing',
    nginx: 'does not match',
    here: 'matches the empty text, as in JavaScript',
    why: "JavaScript's expressions cannot tell whether a group has matched.",
    cases: ['regex: "b" against "^(?:(a)|b)\\\\1$"'],
  },
  {
    title: 'modern_browser in http',
    nginx: 'no browser is recognised by it: all are ancient',
    here: 'counts, as in a server or location',
    why: 'It is documented so.',
    lines: /^(Content-Length: .*|\[.*\])$/,
    cases: ['browser at http level: GET /, User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)'],
  },
  {
    title: 'max_headers where Host stands behind many lines',
    nginx: 'the lines before Host are counted by the default server',
    here: 'all are counted by the server that Host names',
    why: 'It is that server whose request it is, wherever the line stands.',
    cases: [/^max_headers: Host behind more lines than /],
  },
  {
    title: 'OPTIONS *',
    nginx: 'a bad request (400)',
    here: 'a right one, for a method that files do not have (405)',
    why: 'RFC 9110 section 9.3.7 has it.',
    cases: ['bad-requests: the line "OPTIONS * HTTP/1.1"'],
  },
  {
    title: 'A header that comes in several lines, as a variable',
    nginx: 'the first of them; from 1.23.0 on all, with commas between',
    here: 'all, with commas between',
    why: 'As newer versions do.',
    cases: [/^bad-requests: the field "X-A: a\\r\\nX-A: b"/],
  },
  {
    title: 'Expect: 100-continue with a request that has no body',
    nginx: 'is answered with 100',
    here: 'is not',
    why: 'There is nothing to go on with (RFC 9110 section 10.1.1).',
    lines: /^(HTTP\/1.1 100 Continue||access log: .*)$/,
    cases: ['bad-requests: the field "Expect: 100-continue"', 'strict headers: the field "Expect: 100-continue"'],
  },
  {
    title: 'large_client_header_buffers',
    nginx: 'a line must fit into what is left of a buffer, or takes a new one',
    here: 'a line must fit into a buffer, and the head into all of them together',
    why: 'A head is kept in one piece.',
    cases: [/^bad-requests: the field "X-A: x.* of 4519"/, /^strict headers: the field "X-A: x.* of 4519"/],
  },
  {
    title: 'A chunked body that is wrong, and comes with its head',
    nginx: 'is read before the answer, which says that the connection is closed',
    here: 'is read after the answer; the connection is closed then',
    why: 'The answer does not wait for a body that nobody needs.',
    lines: /^(Connection: |error log: )/,
    cases: [
      ...['bad-requests: a bad chunk size', 'bad-requests: a bad chunk end', 'bad-requests: a huge chunk size'],
      /^smuggling: the chunks "( 5|0x5|\+5|-5|10000000000000005|5;a|5\\r\\nhelloXX)/,
    ],
  },
  {
    title: 'Lines of a chunked body that end with LF alone',
    nginx: 'are taken',
    here: 'break the body off, and the connection with it',
    why: 'Who reads CR and LF, as RFC 9112 section 7.1 has it, sees another end of the request.',
    cases: [/^smuggling: the chunks "(5\\n|5\\r\\nhello\\n|5\\r\\nhello\\r\\n0\\n|5;\\n)/],
  },
];

/** docs/nginx-differences.md as it should be. */
export function differencesText(): string {
  const rows = differences.map(
    ({ title, nginx, here, why }) =>
      `| ${[title, nginx, here, why].map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
  return [
    '# Differences from nginx',
    '',
    'Made by `npm run docs`. The pairs of `test/differential` send the same bytes to nginx 1.22 and to this server, under one configuration,',
    'and compare status lines, header fields with their order, bodies, whether the connection is kept, and the lines of both logs. What',
    'they found to differ, and is to stay so, is here; the Server header and the name at the foot of pages are not counted.',
    '',
    '| what | nginx | here | why |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Where the server answers otherwise than nginx 1.22 on purpose. The pairs of test/differential hold the table to what both do. */

export interface Difference {
  readonly title: string;
  readonly nginx: string;
  readonly here: string;
  readonly why: string;
  /** The pairs that show it: "SUITE: case". */
  readonly cases: readonly string[];
}

export const differences: readonly Difference[] = [
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
    title: 'An empty query in a log',
    nginx: '`$args` is empty where a query was dropped or nothing stood behind "?", and "-" where there was none',
    here: '"-" in all of these cases',
    why: 'The two cannot be told apart anywhere else.',
    cases: [
      'rewrite: GET /noquery/x?q=1',
      'rewrite: GET /isargs/x?q=1',
      'rewrite: GET /tried/none',
      'rewrite-if: GET /log/a.txt?v=a&w=1',
    ],
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

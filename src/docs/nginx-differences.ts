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

import { ask, differential, get } from './harness.js';

const paths = [
  'plain',
  'link',
  'dir',
  'dir/',
  'dir/f',
  'deep/abs/f',
  'real/',
  'dangling',
  'none',
  'none/x',
  'others',
  'otherdir/f',
  '..',
  'real//f',
];

differential(
  'disable_symlinks',
  {
    files: { plain: 'plain\n', 'real/f': 'f\n', 'real/index.html': '<p>', 'deep/x': 'x' },
    links: {
      link: 'plain',
      dir: 'real',
      'deep/abs': '{root}/real',
      dangling: 'nowhere',
      others: 'plain!',
      otherdir: 'real!',
      'real/index.htm': 'index.html',
    },
    http: `
      server {
        listen 127.0.0.1:{port};
        root {root};
        location /on/ { alias {root}/; disable_symlinks on; }
        location /owner/ { alias {root}/; disable_symlinks if_not_owner; }
        location /from/ { alias {root}/dir/; disable_symlinks on from={root}/dir; }
        location /slash/ { alias {root}/dir/; disable_symlinks on from={root}/dir/; }
        location /part/ { alias {root}/; disable_symlinks on from={root}/di; }
        location /whole/ { alias {root}/; disable_symlinks on from={root}/link; }
        location /root/ { alias {root}/; disable_symlinks on from=$document_root; }
        location /empty/ { alias {root}/; disable_symlinks on from=; }
        location /tried/ { alias {root}/; disable_symlinks on; try_files $uri /tried/plain =404; }
        location /index/ { alias {root}/real/; disable_symlinks on; index index.htm index.html; }
        location /cached/ { alias {root}/; disable_symlinks on; open_file_cache max=10; open_file_cache_errors on; }
        location /free/ { alias {root}/; open_file_cache max=10; }
      }`,
  },
  [
    ...['/on/', '/owner/', '/root/', '/part/', '/empty/'].flatMap(folder => paths.map(path => get(folder + path))),
    ...[
      '/from/f',
      '/slash/f',
      '/whole/link',
      '/whole/plain',
      '/tried/link',
      '/tried/dir/f',
      '/index/',
      '/free/link',
    ].map(path => get(path)),
    ...['/cached/link', '/cached/plain', '/cached/dir/f'].flatMap(path => [ask('HEAD', path), get(path)]),
  ],
);

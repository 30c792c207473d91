/** Locations and server names with what nginx 1.22.1 chooses by them: each pair was asked of nginx itself. */

/** Locations answer with their label; "none" stands for no location at all. */
export const ROUTES: readonly { locations: string; found: Record<string, string> }[] = [
  {
    // The example of nginx's own documentation.
    locations: `
      location = / { return 200 A; }
      location / { return 200 B; }
      location /documents/ { return 200 C; }
      location ^~ /images/ { return 200 D; }
      location ~* \\.(gif|jpg|jpeg)$ { return 200 E; }`,
    found: {
      '/': 'A',
      '/index.html': 'B',
      '/documents': 'B',
      '/documents/document.html': 'C',
      '/images/1.gif': 'D',
      '/documents/1.jpg': 'E',
      '/documents/1.JPG': 'E',
    },
  },
  {
    locations: `
      location /a { return 200 a; }
      location /a/b { return 200 ab; }
      location /a/b/ { return 200 ab-slash; }
      location /a/c { return 200 ac; }
      location /ab { return 200 a-b; }
      location = /a/b/c { return 200 exact; }`,
    found: {
      '/': 'none',
      '/a': 'a',
      '/a/': 'a',
      '/a/b': 'ab',
      '/a/bc': 'ab',
      '/a/b/': 'ab-slash',
      '/a/b/c': 'exact',
      '/a/b/cd': 'ab-slash',
      '/a/bz/': 'ab',
      '/a/cz': 'ac',
      '/a/d': 'a',
      '/ab/b': 'a-b',
      '/az': 'a',
      '/b': 'none',
    },
  },
  {
    // Regular expressions: the order of appearance, case, and what "^~" and "=" do to them.
    locations: `
      location / { return 200 root; }
      location ~ \\.php$ { return 200 php; }
      location ~* \\.(php|txt)$ { return 200 nocase; }
      location ~ ^/x { return 200 x; }
      location ^~ /s/ { return 200 static; }
      location /s/in/ { return 200 inner; }
      location = /e.php { return 200 exact; }`,
    found: {
      '/a.php': 'php',
      '/a.PHP': 'nocase',
      '/a.txt': 'nocase',
      '/xa': 'x',
      '/x.php': 'php',
      '/s/a.php': 'static',
      '/s/in/a.php': 'php',
      '/s/in/a': 'inner',
      '/e.php': 'exact',
      '/e.phps': 'root',
    },
  },
  {
    // Nested: regular expressions within the longest prefix come before those beside it.
    locations: `
      location / {
        return 200 root;
        location /n/ {
          return 200 n;
          location ~ \\.a$ { return 200 n-a; }
          location = /n/exact.b { return 200 n-exact; }
          location ^~ /n/deep/ { return 200 n-deep; }
        }
        location ~ \\.b$ { return 200 root-b; }
      }
      location ~ \\.(a|b|c)$ { return 200 top; }
      location ~ ^/r/ {
        return 200 r;
        location ~ \\.d$ { return 200 r-d; }
      }`,
    found: {
      '/n/x': 'n',
      '/n/x.a': 'n-a',
      '/n/x.b': 'root-b',
      '/n/x.c': 'top',
      '/n/exact.b': 'n-exact',
      '/n/deep/x': 'n-deep',
      '/n/deep/x.a': 'top',
      '/n/deep/x.b': 'root-b',
      '/x.a': 'top',
      '/x.b': 'root-b',
      '/r/x': 'r',
      '/r/x.d': 'r-d',
      '/r/x.c': 'top',
    },
  },
  {
    // "^~" holds for the regular expressions beside it, not for those further out.
    locations: `
      location ^~ /p/ {
        return 200 p;
        location ~ \\.in$ { return 200 p-in; }
        location /p/q/ { return 200 p-q; }
      }
      location ~ \\.(in|out)$ { return 200 out; }`,
    found: {
      '/p/x.out': 'p',
      '/p/x.in': 'p-in',
      '/p/q/x.out': 'p-q',
      '/p/q/x.in': 'p-in',
      '/q.in': 'out',
      '/q': 'none',
    },
  },
  {
    locations: `
      location "" { return 200 empty; }
      location /a { return 200 a; location = /a { return 200 a-exact; } location /a { return 200 a-again; } }`,
    found: { '/': 'empty', '/a': 'a-exact', '/ab': 'a-again', '/b': 'empty' },
  },
  { locations: '', found: { '/': 'none' } },
];

/** Servers by their `server_name`; the first is the default. The label is the server's number from 1. */
export const HOSTS: readonly { names: readonly string[]; found: Record<string, number> }[] = [
  {
    names: [
      'default.test',
      'example.com',
      '*.example.com',
      'mail.*',
      '*.b.example.com',
      'mail.example.*',
      '~^(?<user>.+)\\.users\\.net$',
      '~\\.net$',
      '.dot.org',
      'x.mail.com',
      'EXAMPLE.net',
      '~^UP',
    ],
    found: {
      'default.test': 1,
      'unknown.test': 1,
      'example.com': 2,
      'Example.COM': 2,
      'a.example.com': 3,
      'mail.example.com': 3,
      'a.b.c.example.com': 3,
      'a.b.example.com': 5,
      'b.example.com': 3,
      'mail.de': 4,
      'mail.co.uk': 4,
      'mail.example.de': 6,
      'mail.example.co.uk': 6,
      'amail.de': 1,
      'joe.users.net': 7,
      'users.net': 8,
      'mail.users.net': 4,
      'dot.org': 9,
      'a.dot.org': 9,
      'adot.org': 1,
      'x.mail.com': 10,
      'example.net': 11,
      'upper.test': 12,
    },
  },
  { names: ['a', '""'], found: { a: 1, '': 2, b: 1 } },
  { names: ['a', '~.*'], found: { a: 1, b: 2, '': 1 } },
  { names: ['a', '.b.c *.c', 'b.c'], found: { 'b.c': 2, 'x.b.c': 2, 'x.c': 2, c: 1 } },
];

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Log } from '../../src/conf/logs.js';
import { DirectiveTable } from '../../src/conf/table.js';
import { asDirectives, build, buildHttp, MAIN_FILE, parse, ROWS, type TestRow, values } from './helpers.js';

describe('inheritance', () => {
  it('takes the own value, else the parent’s, else the initial one', () => {
    const config = buildHttp(`
      server { location / { sendfile off; location /in { } } location /b { } }
      server { keepalive_requests 5; location / { } }
      sendfile on;`);
    const [first, second] = config.servers;
    assert.equal(values({ settings: config.main }).sendfile, false);
    assert.equal(values(first!).sendfile, true);
    assert.equal(values(first!.locations[0]!).sendfile, false);
    assert.equal(values(first!.locations[0]!.locations[0]!).sendfile, false);
    assert.equal(values(first!.locations[1]!).sendfile, true);
    assert.equal(values(first!).keepaliveRequests, 1000);
    assert.equal(values(second!.locations[0]!).keepaliveRequests, 5);
  });

  it('keeps what events says in main', () => {
    const config = build('worker_processes 2; events { worker_connections 77; }');
    assert.equal(values({ settings: config.main }).workerConnections, '77');
    assert.equal(values({ settings: config.main }).workerProcesses, '2');
  });

  it('gives repeatable directives what was said before on the level, and nothing of the parent', () => {
    const config = buildHttp('add_header A a; add_header B b; server { add_header C c; location / {} }');
    const names = (level: Parameters<typeof values>[0]) => (values(level).headers as string[][]).map(([name]) => name);
    assert.deepEqual(names(config.servers[0]!.locations[0]!), ['C']);
    assert.deepEqual(names({ settings: buildHttp('add_header A a; add_header B b; server {}').servers[0]!.settings }), [
      'A',
      'B',
    ]);
  });

  it('merges as a directive wants it, at every level and from its initial value', () => {
    const sum: TestRow = {
      name: 'sum',
      key: 'sum',
      contexts: ['main', 'http', 'server', 'location'],
      args: [1, 1],
      initial: 1,
      parse: ([word]) => Number(word),
      merge: (own, parent) => ((own as number | undefined) ?? 100) + (parent as number),
    };
    const table = new DirectiveTable(asDirectives([sum]), []);
    const { nodes } = parse('sum 2; events {} http { sum 3; server { location / { sum 4; } } }');
    const config = table.build(nodes, { prefix: '/' });
    assert.equal(values({ settings: config.main }).sum, 3);
    assert.equal(values(config.servers[0]!).sum, 106);
    assert.equal(values(config.servers[0]!.locations[0]!).sum, 110);
  });

  it('lets two directives fill one property, and one name have rows for several contexts', () => {
    const contexts = ['main', 'http'] as const;
    const rows: TestRow[] = [
      { name: 'allow', key: 'rules', contexts, args: [1, 1], repeatable: true, initial: [], parse: add('+') },
      { name: 'deny', key: 'rules', contexts, args: [1, 1], repeatable: true, initial: [], parse: add('-') },
      { name: 'x', key: 'x', contexts: ['main'], args: [1, 1], initial: '', parse: ([word]) => `main ${word}` },
      { name: 'x', key: 'y', contexts: ['http'], args: [2, 2], initial: '', parse: words => words.join('+') },
    ];
    const table = new DirectiveTable(asDirectives(rows), []);
    const { nodes } = parse('x 0; events {} http { allow a; deny b; allow c; x 1 2; server {} }');
    const settings = values(table.build(nodes, { prefix: '/' }).servers[0]!);
    assert.deepEqual(settings, { rules: ['+a', '-b', '+c'], x: 'main 0', y: '1+2' });
  });

  it('makes all settings with the same properties in the same order', () => {
    const config = build(
      'pid x; events {} http { tcp_nodelay on; sendfile on; server { location / { sendfile off; } location /b { root b; } } }',
    );
    const keys = [...new Set(ROWS.map(row => row.key))];
    const server = config.servers[0]!;
    for (const settings of [config.main, server.settings, ...server.locations.map(each => each.settings)]) {
      assert.deepEqual(Object.keys(settings), keys);
    }
  });
});

function add(sign: string): TestRow['parse'] {
  return ([word], _cx, before) => [...((before as string[] | undefined) ?? []), sign + word];
}

describe('the tree', () => {
  it('says where servers stand and how locations match', () => {
    const config = build(
      'events {}\nhttp {\nserver\n{ location = /a {} location ^~/b { location /b/c {} } location ~*x {} location @n {} location ~ y {} }\n}',
    );
    const server = config.servers[0]!;
    assert.deepEqual([server.file, server.line], [MAIN_FILE, 4]);
    const shape = server.locations.map(({ kind, pattern }) => `${kind} ${pattern}`);
    assert.deepEqual(shape, ['exact /a', 'preferred /b', 'regex-nocase x', 'named @n', 'regex y']);
    assert.equal(server.locations[1]!.locations[0]!.pattern, '/b/c');
  });

  it('takes apart modifiers that are all there is', () => {
    for (const [text, kind] of [
      ['~', 'regex'],
      ['~*', 'regex-nocase'],
      ['^~', 'preferred'],
      ['=', 'exact'],
      ['""', 'prefix'],
    ]) {
      const { kind: found, pattern } = buildHttp(`server { location ${text} {} }`).servers[0]!.locations[0]!;
      assert.deepEqual([found, pattern], [kind, ''], text);
    }
    const named = buildHttp('server { location = @x {} }').servers[0]!.locations[0]!;
    assert.deepEqual([named.kind, named.pattern], ['exact', '@x']);
  });

  it('knows no servers without http', () => assert.deepEqual(build('events {}').servers, []));
});

describe('include', () => {
  const files = {
    '/etc/conf/sites/b.conf': 'server { root b; }',
    '/etc/conf/sites/a.conf': 'server { root a; }',
    '/etc/conf/mime.types': 'text/html html;\nimage/gif gif;',
    '/abs/x.conf': 'sendfile on;',
  };

  it('expands globs in order, at any level, relative to the main file, and lists each file once', () => {
    const text =
      'events {} http { types { include mime.types; } include sites/*.conf; include none/*; include /abs/x.conf; server { include /abs/x.conf; } }';
    const config = build(text, files);
    const roots = config.servers.map(each => (values(each).root as { text: string } | null)?.text);
    assert.deepEqual(roots, ['/srv/a', '/srv/b', undefined]);
    assert.deepEqual(values(config.servers[0]!).types, [
      ['text/html', 'html'],
      ['image/gif', 'gif'],
    ]);
    assert.equal(values(config.servers[0]!).sendfile, true);
    const parsed = parse(text, files);
    assert.deepEqual(
      parsed.files.map(file => file.path),
      [MAIN_FILE, '/etc/conf/mime.types', '/etc/conf/sites/a.conf', '/etc/conf/sites/b.conf', '/abs/x.conf'],
    );
    assert.equal(parsed.files[2]!.text, files['/etc/conf/sites/a.conf']);
  });

  it('leaves plain data that survives JSON', () => {
    const { nodes } = parse('events {} http { server { root "\xff"; } }');
    assert.deepEqual(JSON.parse(JSON.stringify(nodes)), nodes);
  });
});

describe('logs', () => {
  it('finds a format wherever it stands in http, and gives one target a path', () => {
    const config = buildHttp(
      'server { access_log /l f; location / { access_log a f; access_log srv; } } access_log srv combined buffer=4; log_format f "$uri" "$host";',
    );
    const [entry] = values(config.servers[0]!).accessLog as { target: Log; words: string[] }[];
    assert.deepEqual(entry!.words, ['$uri', '$host']);
    assert.deepEqual(
      config.logs.map(log => [log.path, log.buffer]),
      [
        ['/l', 0],
        ['/srv/a', 0],
        ['/srv/srv', 4],
      ],
    );
    assert.equal(config.logs[0], entry!.target);
  });

  it('cannot be written before the server has opened them', () => {
    const [log] = buildHttp('access_log /l;').logs;
    assert.throws(() => log!.write('x\n'), /log "\/l" is not open yet/);
    const lines: string[] = [];
    log!.write = line => void lines.push(line);
    log!.write('x\n');
    assert.deepEqual(lines, ['x\n']);
  });
});

describe('variables of the configuration', () => {
  it('knows named captures of locations and server names, also above their place', () => {
    const config = buildHttp(
      'server { root /data/$user/$Kind; server_name ~^(?<user>.+)\\.net$; location ~ \\.(?<kind>gif|png)$ { } }',
    );
    const root = values(config.servers[0]!.locations[0]!).root as { evaluate(subject: object): string };
    assert.equal(
      root.evaluate({ captures: Object.assign([], { groups: { user: 'joe', kind: 'gif' } }) }),
      '/data/joe/gif',
    );
    assert.equal(root.evaluate({ captures: null }), '/data//');
  });

  it('reports an unknown one at its directive', () => {
    assert.throws(() => build('events {}\nhttp {\nadd_header X $nope;\n}'), {
      message: `unknown "nope" variable in ${MAIN_FILE}:3`,
    });
  });

  it('keeps nothing from one build to the next', () => {
    buildHttp('server { location ~ (?<once>x) { } }');
    assert.throws(() => buildHttp('add_header X $once;'), /unknown "once" variable/);
  });
});

describe('presets', () => {
  const row: TestRow = {
    name: 'color',
    key: 'color',
    contexts: ['http', 'server'],
    args: [1, 1],
    initial: 'none',
    preset: ['blue'],
    parse: args => args[0],
  };
  const build = (text: string, presets: ReadonlyMap<string, readonly string[]> = new Map()) =>
    new DirectiveTable(asDirectives([row]), [])
      .build(parse(`events {} ${text}`).nodes, { prefix: '/', presets })
      .servers.map(server => (server.settings as unknown as { color: string }).color);

  it('hold where a server says nothing, and http neither', () => {
    assert.deepEqual(build('http { server {} server { color red; } }'), ['blue', 'red']);
    assert.deepEqual(build('http { color green; server {} server { color red; } }'), ['green', 'red']);
  });

  it('can be replaced', () => {
    assert.deepEqual(build('http { server {} }', new Map([['color', ['pink']]])), ['pink']);
  });
});

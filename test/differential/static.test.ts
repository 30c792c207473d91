import { ask, differential, get } from './harness.js';

differential(
  'static',
  {
    files: { 'a.txt': 'hello, world\n', 'd/index.html': '<p>' },
    http: 'server { listen 127.0.0.1:{port}; root {root}; }',
  },
  [get('/a.txt'), ask('HEAD', '/a.txt'), get('/none'), ask('HEAD', '/none'), get('/d'), get('/d/'), get('/')],
);

/** `limit_req` and `limit_conn`: what is refused, what waits, and what both logs say. */
import { differential, get, head, kept } from './harness.js';

const http = `
limit_req_zone $arg_k zone=minute:1m rate=1r/m;
limit_req_zone $arg_k zone=fast:1m rate=1000r/s;
limit_req_zone "$arg_k$arg_o" zone=both:1m rate=1r/m;
limit_req_zone $arg_l zone=left:1m rate=1r/m;
limit_req_zone $arg_k zone=slow:1m rate=20r/s;
limit_conn_zone $arg_k zone=conn:1m;
limit_conn_zone $server_name zone=servers:32k;
server { listen 127.0.0.1:{port}; root {root};
  location /minute/ { alias {root}/; limit_req zone=minute; }
  location /burst/ { alias {root}/; limit_req zone=minute burst=2 nodelay; limit_req_status 429; limit_req_log_level warn; }
  location /info/ { alias {root}/; limit_req zone=minute; limit_req_log_level info; error_page 503 =200 /other/a; }
  location /other/ { alias {root}/; limit_req zone=minute; }
  location /dry/ { alias {root}/; limit_req zone=minute; limit_req_dry_run on; }
  location /drywait/ { alias {root}/; limit_req zone=slow burst=5; limit_req_dry_run on; }
  location /wait/ { alias {root}/; limit_req zone=slow burst=5; }
  location /delay/ { alias {root}/; limit_req zone=slow burst=5 delay=2; limit_req_log_level notice; }
  location /fast/ { alias {root}/; limit_req zone=fast burst=1; }
  location /both/ { alias {root}/; limit_req zone=both burst=1 nodelay; limit_req zone=left; }
  location /later/ { alias {root}/; limit_req zone=undeclaredyet; }
  location /conn/ { alias {root}/; limit_conn conn 1; }
  location /conns/ { alias {root}/; limit_conn conn 5; limit_conn servers 100; limit_conn_status 429; }
  location /twice/ { limit_conn conn 1; try_files $uri /conn/a?$args; }
}
limit_req_zone $arg_k zone=undeclaredyet:64k rate=2r/m;
`;

const again = (name: string, times: number, path = 'a', key = name) =>
  kept(
    `${name} ${times} times${key === name ? '' : ` with "${key}"`}${path}`,
    ...Array.from({ length: times }, () => head('GET', `/${name}/${path}?k=${key}`)),
  );

differential('limits', { http, files: { a: 'here' }, log: '$limit_req_status $limit_conn_status' }, [
  again('minute', 3),
  again('minute', 3, 'a', ''),
  again('minute', 2, 'nosuch', 'missing'),
  again('minute', 3, 'a', 'k'.repeat(300)),
  again('burst', 5),
  again('info', 3),
  again('dry', 3),
  again('wait', 1),
  again('delay', 3),
  again('later', 3),
  kept('two keys', ...['1', '2', '1', '2'].map(key => head('GET', `/minute/a?k=two${key}`))),
  kept('two limits', ...['x', 'x', 'y', 'x', 'z'].map(left => head('GET', `/both/a?k=limits&l=${left}`))),
  kept('two limits, one without a key', ...['', '', ''].map(left => head('GET', `/both/a?k=alone&l=${left}`))),
  again('conn', 3),
  again('conns', 3),
  get('/conn/a'),
  get('/twice/a?k=redirected'),
  get(`/conn/a?k=${'k'.repeat(256)}`),
]);

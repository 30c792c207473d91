import { release } from 'node:os';
import koffi from 'koffi';
import { modules } from '../modules/all.js';
import { describeTls } from '../server/tls-setup.js';
import { product } from '../version.js';

/**
 * nginx's modules by the names that its configure script has for them, and what tells whether this server has one: a
 * directive of it that has an effect, or the name of a module of src/modules.
 */
const nginxModules: readonly (readonly [name: string, sign: string])[] = [
  ['http_static_module', 'static'],
  ['http_index_module', 'index'],
  ['http_log_module', 'log'],
  ['http_headers_module', 'headers'],
  ['http_not_modified_filter_module', 'not_modified'],
  ['http_range_filter_module', 'range'],
  ['http_try_files_module', 'try_files'],
  ['http_rewrite_module', 'return'],
  ['http_autoindex_module', 'autoindex'],
  ['http_access_module', 'allow'],
  ['http_auth_basic_module', 'auth_basic'],
  ['http_limit_conn_module', 'limit_conn'],
  ['http_limit_req_module', 'limit_req'],
  ['http_map_module', 'map'],
  ['http_geo_module', 'geo'],
  ['http_split_clients_module', 'split_clients'],
  ['http_charset_module', 'charset'],
  ['http_referer_module', 'valid_referers'],
  ['http_dav_module', 'dav_methods'],
  ['http_realip_module', 'real_ip_header'],
  ['http_secure_link_module', 'secure_link'],
  ['http_stub_status_module', 'stub_status'],
  ['http_random_index_module', 'random_index'],
  ['http_gzip_module', 'gzip'],
  ['http_gzip_static_module', 'gzip_static'],
  ['http_gunzip_module', 'gunzip'],
  ['http_ssl_module', 'ssl_certificate'],
  ['http_v2_module', 'v2'],
  ['http_v3_module', 'v3'],
  ['http_slice_module', 'slice'],
  ['http_flv_module', 'flv'],
  ['http_mp4_module', 'mp4'],
  ['http_addition_module', 'add_before_body'],
  ['http_sub_module', 'sub_filter'],
  ['http_ssi_module', 'ssi'],
  ['http_userid_module', 'userid'],
  ['http_mirror_module', 'mirror'],
  ['http_auth_request_module', 'auth_request'],
  ['http_browser_module', 'modern_browser'],
  ['http_empty_gif_module', 'empty_gif'],
  ['http_proxy_module', 'proxy_pass'],
  ['http_fastcgi_module', 'fastcgi_pass'],
  ['http_uwsgi_module', 'uwsgi_pass'],
  ['http_scgi_module', 'scgi_pass'],
  ['http_grpc_module', 'grpc_pass'],
  ['http_memcached_module', 'memcached_pass'],
  ['http_upstream_hash_module', 'upstream'],
  ['http_upstream_ip_hash_module', 'upstream'],
  ['http_upstream_least_conn_module', 'upstream'],
  ['http_upstream_random_module', 'upstream'],
  ['http_upstream_keepalive_module', 'upstream'],
  ['http_upstream_zone_module', 'upstream'],
  ['http_xslt_module', 'xslt_stylesheet'],
  ['http_image_filter_module', 'image_filter'],
  ['http_geoip_module', 'geoip_country'],
  ['http_perl_module', 'perl'],
  ['http_degradation_module', 'degradation'],
  ['google_perftools_module', 'google_perftools_profiles'],
  ['threads', 'thread_pool'],
  ['mail', 'mail'],
  ['stream', 'stream'],
];

/** The text of `-V`: what this server is built on, and what of nginx is in it. */
export function buildText(prefix: string): string {
  const signs = new Set(modules.flatMap(each => [each.name, ...(each.directives ?? []).map(({ name }) => name)]));
  const options = nginxModules.map(([name, sign]) => `--${signs.has(sign) ? 'with' : 'without'}-${name}`);
  const { node, v8 } = process.versions;
  return [
    `zerocopy version: ${product}`,
    `built with Node ${node}, V8 ${v8}`,
    describeTls(),
    'TLS SNI support enabled',
    `system calls by koffi ${koffi.version}, on Linux ${release()} ${process.arch}`,
    `configure arguments: --prefix=${prefix} --conf-path=${prefix}conf/nginx.conf ${options.join(' ')}`,
  ].join('\n');
}

#!/usr/bin/env bash
# Shows that HTTPS stays zero copy where the kernel can encrypt: strace sees the handshake hand the keys over (TCP_ULP "tls",
# TLS_TX), and sendfile move the file; the bytes that arrive are those of the file, for each version and cipher; and
# /proc/net/tls_stat counts.
#
#   npm run build && sudo test/tls/ktls-check.sh
#
# Needs root, strace, curl, openssl, and a kernel with the modules tls and gcm (it says so where they are missing). From the environment:
# ZEROCOPY, the program's command line (node and the built program of this repository); SIZE, bytes of the file (5000000).
# Exit status: 0 if all of it holds.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
zerocopy=${ZEROCOPY:-node $here/../../dist/src/cli/main.js}
size=${SIZE:-5000000}

modprobe -qa tls gcm chacha20poly1305 chacha_generic poly1305_generic || true # they may be built in
if ! grep -qw tls /proc/sys/net/ipv4/tcp_available_ulp 2> /dev/null; then
  echo 'this kernel has no kTLS (module tls)' >&2
  exit 2
fi

work=$(mktemp -d)
server=''
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
mkdir "$work/files" "$work/logs"
head -c "$size" /dev/urandom > "$work/files/file"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=localhost 2> /dev/null
port=$((20000 + RANDOM % 20000))
cat > "$work/server.conf" << EOF
daemon off;
worker_processes 1;
pid $work/pid;
error_log $work/logs/error.log info;
events { }
http {
  log_format path 'ktls=\$ssl_ktls sendfile=\$sendfile_calls pread=\$pread_calls writev=\$writev_calls';
  access_log $work/logs/access.log path;
  server {
    listen 127.0.0.1:$port ssl;
    ssl_certificate $work/cert.pem;
    ssl_certificate_key $work/key.pem;
    root $work/files;
    location /on/ { alias $work/files/; sendfile on; }
    location /off/ { alias $work/files/; sendfile off; }
  }
}
EOF
$zerocopy -p "$work/" -c "$work/server.conf" > /dev/null &
server=$!
for _ in $(seq 100); do curl -sk -o /dev/null "https://127.0.0.1:$port/none" && break || sleep 0.1; done
grep -o 'TLS by .*' "$work/logs/error.log"
worker=$(pgrep -P "$server")
failed=0

# count NAME: of /proc/net/tls_stat
count() { awk -v name="$1" '$1 == name { print $2 }' /proc/net/tls_stat; }

# check WHAT EXPECTED-KTLS PATH CURL-OPTIONS…
check() {
  local what=$1 expected=$2 path=$3
  shift 3
  : > "$work/logs/access.log"
  local before trace
  before=$(count TlsTxSw)
  strace -f -p "$worker" -e trace=setsockopt,sendfile,writev,pread64,write -o "$work/trace" 2> /dev/null &
  local tracer=$!
  for _ in $(seq 100); do grep -q "TracerPid:[[:space:]]*[1-9]" "/proc/$worker/status" && break || sleep 0.02; done
  local same=no
  if curl -sk "$@" "https://127.0.0.1:$port$path" | cmp -s - "$work/files/file"; then same=yes; fi
  sleep 0.2
  kill "$tracer" 2> /dev/null || true
  wait "$tracer" 2> /dev/null || true
  local ulp tx sendfiles line
  # older straces print the name "tls" as a number
  ulp=$(grep -cE 'TCP_ULP, ("tls"|\[7564404\])' "$work/trace" || true)
  tx=$(grep -cE 'SOL_TLS, (TLS_TX|1|0x1 .*),.* = 0$' "$work/trace" || true)
  sendfiles=$(grep -c 'sendfile(' "$work/trace" || true)
  line=$(cat "$work/logs/access.log")
  local verdict=ok
  # not every kernel has every cipher
  if [ "$expected" = any ]; then expected=off; [ "$tx" = 0 ] || expected=on; fi
  [ "$same" = yes ] && [[ $line == ktls=$expected* ]] || verdict=FAILED
  if [ "$expected" = on ]; then
    [ "$ulp" -ge 1 ] && [ "$tx" -ge 1 ] && [ $(($(count TlsTxSw) - before)) -ge 1 ] || verdict=FAILED
    if [ "$path" = /on/file ]; then [ "$sendfiles" -ge 1 ] || verdict=FAILED; fi
  fi
  [ $verdict = ok ] || failed=1
  printf '%-44s %-6s same bytes: %-3s TCP_ULP %s, TLS_TX %s, sendfile %s; %s\n' "$what" "$verdict" "$same" "$ulp" "$tx" "$sendfiles" "$line"
}

check 'TLSv1.3 TLS_AES_128_GCM_SHA256' on /on/file --tls13-ciphers TLS_AES_128_GCM_SHA256
check 'TLSv1.3 TLS_AES_256_GCM_SHA384' on /on/file --tls13-ciphers TLS_AES_256_GCM_SHA384
check 'TLSv1.3 TLS_CHACHA20_POLY1305_SHA256' any /on/file --tls13-ciphers TLS_CHACHA20_POLY1305_SHA256
check 'TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256' on /on/file --tls-max 1.2 --ciphers ECDHE-RSA-AES128-GCM-SHA256
check 'TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384' on /on/file --tls-max 1.2 --ciphers ECDHE-RSA-AES256-GCM-SHA384
check 'TLSv1.2 ECDHE-RSA-CHACHA20-POLY1305' any /on/file --tls-max 1.2 --ciphers ECDHE-RSA-CHACHA20-POLY1305
check 'TLSv1.2 AES128-SHA256 (the kernel cannot)' off /on/file --tls-max 1.2 --ciphers AES128-SHA256
check 'TLSv1.3, sendfile off' on /off/file
cat /proc/net/tls_stat
exit $failed

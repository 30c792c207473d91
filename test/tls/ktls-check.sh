#!/usr/bin/env bash
# Shows that HTTPS stays zero copy where the kernel can encrypt: strace sees the handshake hand the keys over (TCP_ULP "tls",
# TLS_TX), and sendfile move the file; the bytes that arrive are those of the file, for each version and cipher; and
# /proc/net/tls_stat counts. Where nginx is installed, the processor time of both for a gigabyte is put side by side, with the same
# settings: that is printed, and nothing fails by it (an emulated processor's times mean something beside each other alone).
#
#   npm run build && sudo test/tls/ktls-check.sh
#
# Needs root, strace, curl, openssl, and a kernel with the modules tls and gcm (it says so where they are missing). From the environment:
# ZEROCOPY, the program's command line (node and the built program of this repository); SIZE, bytes of the file (5000000);
# ROUNDS of the comparison with nginx (3), TIMES the file is fetched in one (10: with 2, V8's warming up is what is compared).
# Exit status: 0 if all of it holds.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
zerocopy=${ZEROCOPY:-node $here/../../dist/src/cli/main.js}
size=${SIZE:-5000000}
rounds=${ROUNDS:-3}
times=${TIMES:-10}

modprobe -qa tls gcm chacha20poly1305 chacha_generic poly1305_generic || true # they may be built in
if ! grep -qw tls /proc/sys/net/ipv4/tcp_available_ulp 2> /dev/null; then
  echo 'this kernel has no kTLS (module tls)' >&2
  exit 2
fi

work=$(mktemp -d)
servers=()
trap '[ ${#servers[@]} = 0 ] || kill "${servers[@]}" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
mkdir "$work/files" "$work/logs" "$work/temp"
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
servers+=("$server")
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

# Beside nginx: one connection, the same file several times, no trace
nginx_worker=''
compare=$((port + 1))
start_nginx() {
  local folders=''
  for name in client_body proxy fastcgi uwsgi scgi; do folders+="${name}_temp_path $work/temp/$name; "; done
  cat > "$work/nginx.conf" << EOF
user root;
daemon off;
worker_processes 1;
pid $work/nginx.pid;
events { }
http {
  access_log off;
  $folders
  server {
    listen 127.0.0.1:$compare ssl;
    ssl_certificate $work/cert.pem;
    ssl_certificate_key $work/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_conf_command Options KTLS;
    location /on/ { alias $work/files/; sendfile on; }
    location /off/ { alias $work/files/; sendfile off; }
  }
}
EOF
  nginx -e "$work/logs/nginx" -c "$work/nginx.conf" &
  servers+=("$!")
  for _ in $(seq 100); do curl -sk -o /dev/null "https://127.0.0.1:$compare/none" && break || sleep 0.1; done
  nginx_worker=$(pgrep -P "$!")
}

# spent PID: nanoseconds that its threads have been on a processor
spent() { awk '{ sum += $1 } END { printf "%.0f", sum }' /proc/"$1"/task/*/schedstat; }

# fetch PORT PATH VERSION: over one connection
fetch() {
  local urls=()
  for _ in $(seq "$times"); do urls+=(-o /dev/null "https://127.0.0.1:$1$2"); done
  curl -sk --tls-max "$3" --ciphers ECDHE-RSA-AES128-GCM-SHA256 --tls13-ciphers TLS_AES_128_GCM_SHA256 "${urls[@]}"
}

# cost WORKER PORT PATH VERSION: CPU seconds for a gigabyte
cost() {
  local before
  before=$(spent "$1")
  fetch "$2" "$3" "$4"
  awk -v spent=$(($(spent "$1") - before)) -v bytes=$((size * times)) 'BEGIN { printf "%.3f\n", spent / bytes }'
}

# beside PATH VERSION: the medians, and the median of the rounds' ratios
beside() {
  local before nginx_ktls=no ours theirs round
  before=$(count TlsTxSw)
  fetch "$compare" "$1" "$2"
  [ "$(count TlsTxSw)" = "$before" ] || nginx_ktls=yes
  fetch "$port" "$1" "$2"
  for round in $(seq "$rounds"); do
    ours=$(cost "$worker" "$port" "$1" "$2")
    theirs=$(cost "$nginx_worker" "$compare" "$1" "$2")
    echo "$ours $theirs"
  done | awk -v what="TLSv$2, sendfile $(cut -d/ -f2 <<< "$1")" -v ktls="$nginx_ktls" '
    function median(values, count,   i, j, kept) {
      for (i = 1; i < count; i++) for (j = i + 1; j <= count; j++)
        if (values[j] < values[i]) { kept = values[i]; values[i] = values[j]; values[j] = kept }
      return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
    }
    { ours[NR] = $1; theirs[NR] = $2; ratio[NR] = $1 / $2 }
    END {
      printf "CPU s/GB, %-22s zerocopy %.2f, nginx %.2f (kTLS there: %s); ratio %.2f (target: at most 1.05)\n",
        what ":", median(ours, NR), median(theirs, NR), ktls, median(ratio, NR)
    }'
}

if ! command -v nginx > /dev/null; then
  echo 'nginx is not installed: nothing to compare with'
else
  start_nginx
  beside /on/file 1.3
  beside /off/file 1.3
  beside /on/file 1.2
fi
exit $failed

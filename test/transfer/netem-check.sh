#!/usr/bin/env bash
# Holds what `zerocopy receive` counts of datagrams against what the network has done to them: here the kernel's netem
# (tc-netem(8)), which loses, delays and doubles datagrams on their way, and counts as well.
#
#   npm run build && sudo test/transfer/netem-check.sh
#
# Needs root, tc and ip (iproute2), and a kernel with sch_netem, sch_prio and cls_u32. It works in a network namespace of its own,
# and changes nothing of the system. From the environment: ZEROCOPY, the program's command line (node and the built program of
# this repository); SIZE, bytes sent in each run (60000000); RATE, bytes a second (12500000).
# Exit status: 0 if each figure reported is within 10 % of the true one.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
zerocopy=${ZEROCOPY:-node $here/../../dist/src/cli/main.js}
size=${SIZE:-60000000}
rate=${RATE:-12500000}

if [ "${1-}" != inside ]; then exec unshare --net -- "$here/$(basename "$0")" inside; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -c "$size" /dev/urandom > "$work/file"
mkdir "$work/stored"
ip link set lo up
modprobe -qa sch_prio sch_netem cls_u32 || true # they may be built in
failed=0
sender=()

# The datagrams alone pass through netem, so that it counts nothing else; the control connection goes beside it.
network() {
  tc qdisc del dev lo root 2> /dev/null || true
  tc qdisc add dev lo root handle 1: prio
  tc qdisc add dev lo parent 1:3 handle 30: netem limit 100000 "$@"
  tc filter add dev lo parent 1: protocol ip prio 1 u32 match ip protocol 17 0xff flowid 1:3
}

# true_count sent | true_count dropped: of netem's line "Sent 1448 bytes 1 pkt (dropped 0, overlimits 0 requeues 0)"
true_count() {
  tc -s qdisc show dev lo | awk -v want="$1" '
    / netem / { found = 1 }
    found && $1 == "Sent" { gsub(/[(,]/, ""); print want == "sent" ? $4 : $7; exit }'
}

# transfer DESTINATION...: one run. Leaves the receiver's figures in $work/receiver.json.
transfer() {
  $zerocopy receive --listen 127.0.0.1:9000 --once --json "$@" > "$work/receiver.json" 2> "$work/receiver.err" &
  local receiver=$!
  until grep -q listening "$work/receiver.err"; do
    kill -0 "$receiver" || { cat "$work/receiver.err"; exit 1; }
    sleep 0.1
  done
  $zerocopy send "$work/file" 127.0.0.1:9000 --udp --rate "$rate" --json "${sender[@]}" > /dev/null
  wait "$receiver"
}

reported() { node -p "JSON.parse(require('fs').readFileSync('$work/receiver.json', 'utf8')).receiver.udp.$1"; }

# compare WHAT REPORTED TRUE
compare() {
  awk -v what="$1" -v reported="$2" -v real="$3" 'BEGIN {
    apart = reported > real ? reported - real : real - reported
    good = apart <= 0.1 * real
    printf "  %-22s reported %9s   true %9s   %s\n", what, reported, real, good ? "as it should be" : "WRONG"
    exit !good
  }' || failed=1
}

percent() { awk -v part="$1" -v all="$2" 'BEGIN { printf "%.4f", (all > 0 ? 100 * part / all : 0) }'; }

uname -sr
for loss in 0.1 2 10; do
  echo "netem loss $loss %"
  network loss "$loss%"
  transfer --discard
  sent=$(true_count sent)
  dropped=$(true_count dropped)
  compare 'datagrams sent' "$(reported sent)" $((sent + dropped))
  compare 'lost' "$(reported lost)" "$dropped"
  compare 'loss in percent' "$(printf %.4f "$(reported lossPercent)")" "$(percent "$dropped" $((sent + dropped)))"
done

echo 'netem loss 2 %, into a file: what is lost is sent again'
network loss 2%
transfer --dir "$work/stored"
compare 'lost' "$(reported lost)" "$(true_count dropped)"
cmp "$work/file" "$work/stored/file" && echo '  the file is the same' || failed=1

echo 'netem delay 20ms, and a send buffer that holds less than is on its way: the sender waits for room'
network delay 20ms
sender=(--sndbuf 40000)
transfer --discard
compare 'datagrams received' "$(reported received)" "$(true_count sent)"
compare 'lost' "$(reported lost)" 0
sender=()

echo 'netem delay 5ms reorder 25 % 50 %'
network delay 5ms reorder 25% 50%
transfer --discard
compare 'lost' "$(reported lost)" "$(true_count dropped)"
compare 'duplicates' "$(reported duplicates)" 0
echo "  out of order           reported $(reported outOfOrder) of $(reported sent); jitter $(reported jitterMs) ms"
[ "$(reported outOfOrder)" -gt 0 ] || failed=1

echo 'netem duplicate 5 %'
network duplicate 5%
transfer --discard
compare 'duplicates' "$(reported duplicates)" $(($(true_count sent) - $(reported sent)))
compare 'lost' "$(reported lost)" "$(true_count dropped)"

echo 'netem loss 2 % duplicate 1 % delay 5ms 1ms'
network loss 2% duplicate 1% delay 5ms 1ms
transfer --discard
# a datagram that is lost may have been doubled before: netem counts both
sent=$(true_count sent)
compare 'received, all' $(($(reported received) + $(reported duplicates))) "$sent"
compare 'lost' "$(reported lost)" "$(true_count dropped)"
echo "  out of order           reported $(reported outOfOrder); duplicates $(reported duplicates); jitter $(reported jitterMs) ms"

[ "$failed" = 0 ] && echo 'all figures are within 10 % of the true ones' || { echo 'some figures are wrong'; exit 1; }

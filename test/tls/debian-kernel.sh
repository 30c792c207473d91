#!/usr/bin/env bash
# Runs a command as root under Debian's own kernel, in a virtual machine that sees this machine's files: for what the kernel
# that runs here lacks (kTLS, most of all).
#
#   test/tls/debian-kernel.sh COMMAND [ARGUMENTS…]
#
# What the command writes is lost when the machine stops: the files are mounted read-only over 9p, with a layer in memory on top.
# Needs qemu-system-x86_64, a static busybox, cpio and modprobe. The kernel is Debian's package, downloaded once and kept under
# ~/.cache/zerocopy-kernel. Without /dev/kvm the processor is emulated, and all is about ten times as slow.
# From the environment: SECONDS_AT_MOST (400).
# Exit status: the command's; 77 where there can be no such machine, 124 past the time.
set -euo pipefail

cannot() {
  echo "no virtual machine: $1" >&2
  exit 77
}

export PATH=$PATH:/usr/sbin:/sbin
[ $# -gt 0 ] || { sed -n '2,/^set /{/^#/p}' "$0" >&2; exit 2; }
[ "$(uname -m)" = x86_64 ] || cannot 'this is not an x86-64'
for program in qemu-system-x86_64 cpio modprobe depmod; do
  command -v "$program" > /dev/null || cannot "$program is not installed"
done
busybox=$(command -v busybox || true)
{ [ -n "$busybox" ] && ! ldd "$busybox" > /dev/null 2>&1; } || cannot 'busybox-static is not installed'

# The kernel, as the package has it
cache=${XDG_CACHE_HOME:-$HOME/.cache}/zerocopy-kernel
if ! compgen -G "$cache/kernel/boot/vmlinuz-*" > /dev/null; then
  mkdir -p "$cache"
  package=$(apt-cache depends linux-image-amd64 2> /dev/null | awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }')
  [ -n "$package" ] || cannot 'apt knows no linux-image-amd64'
  download=$(mktemp -d)
  (cd "$download" && apt-get download -qq "$package" > /dev/null 2>&1) || cannot "$package cannot be downloaded"
  rm -rf "$cache/unpacked"
  dpkg -x "$download"/*.deb "$cache/unpacked"
  rm -rf "$download"
  depmod -b "$cache/unpacked" "$(ls "$cache/unpacked/lib/modules")"
  mv "$cache/unpacked" "$cache/kernel"
fi
version=$(ls "$cache/kernel/lib/modules")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the machine starts with: busybox, the modules in the order in which they can be loaded, and init
mkdir -p "$work"/first/{bin,dev,proc,sys,lower,upper,root,modules}
cp "$busybox" "$work/first/bin/busybox"
modules=(virtio_pci 9pnet_virtio 9p overlay tls ctr gcm ghash_generic aesni_intel chacha_generic poly1305_generic chacha20poly1305)
for module in "${modules[@]}"; do
  modprobe -d "$cache/kernel" -S "$version" --show-depends "$module" 2> /dev/null || true
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' > "$work/order"
number=100
while read -r file; do
  cp "$file" "$work/first/modules/$number-${file##*/}"
  number=$((number + 1))
done < "$work/order"

# The second serial line takes what the command says, and then its exit status
{
  printf 'export PATH=%q HOME=%q LANG=C.UTF-8\n' "$PATH" "$HOME"
  printf 'cd %q || exit 77\n' "$PWD"
  printf '%q ' "$@"
} > "$work/first/command"
cat > "$work/first/init" << 'INIT'
#!/bin/busybox sh
busybox=/bin/busybox
for at in proc sys; do $busybox mount -t ${at}fs $at /$at 2> /dev/null || $busybox mount -t $at $at /$at; done
$busybox mount -t devtmpfs dev /dev
for module in /modules/*; do $busybox insmod $module; done
$busybox mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose files /lower || $busybox poweroff -f
$busybox mount -t tmpfs -o size=50% memory /upper
$busybox mkdir /upper/files /upper/work
$busybox mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work files /root
for at in proc sys dev; do $busybox mount -o bind /$at /root/$at; done
$busybox mkdir -p /dev/shm /dev/pts
$busybox mount -t tmpfs shm /dev/shm
$busybox mount -t devpts pts /dev/pts
$busybox cp /command /root/run/command
$busybox ip link set lo up
$busybox stty -F /dev/ttyS1 raw
$busybox chroot /root /bin/bash /run/command > /dev/ttyS1 2>&1 < /dev/null
echo "status $?" > /dev/ttyS1
$busybox poweroff -f
INIT
chmod +x "$work/first/init"
(cd "$work/first" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"

processor=(-accel 'tcg,thread=multi' -cpu max)
# the device alone does not say that the processor can
if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then processor=(-accel kvm -cpu host); fi
machine=(
  "${processor[@]}" -smp 2 -m 3072 -nodefaults -no-reboot -display none
  -serial "file:$work/console" -serial "file:$work/output"
  -kernel "$cache/kernel/boot/vmlinuz-$version" -initrd "$work/initrd" -append 'console=ttyS0 quiet panic=-1 mitigations=off'
  -fsdev 'local,id=files,path=/,security_model=none,readonly=on,multidevs=remap'
  -device 'virtio-9p-pci,fsdev=files,mount_tag=files'
)
timeout -k 5 "${SECONDS_AT_MOST:-400}" qemu-system-x86_64 "${machine[@]}" || {
  status=$?
  cat "$work/output" "$work/console" >&2
  [ $status = 124 ] || cannot "qemu ended with status $status"
  exit 124
}
status=$(sed -n 's/^status \([0-9]*\)$/\1/p' "$work/output" | tail -1)
sed '/^status [0-9]*$/d' "$work/output"
[ -n "$status" ] || { cat "$work/console" >&2; exit 1; }
exit "$status"

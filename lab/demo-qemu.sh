#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/demo-qemu.sh [-d rvhv|kvm] [stock|7.2|debug]
	Boot a host, load rvhv.ko, and boot the host's own kernel as a guest of two CPUs with Debian's
	riscv64 QEMU, unmodified, as the VMM. Status 0 if the guest reached userspace, powered off
	by itself and QEMU ended well.
	  -d kvm  the same on kvm.ko
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"

device=rvhv
while getopts d:h opt; do
	case $opt in
	d) device=$OPTARG ;;
	h) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
kernel=${1:-stock}
case $device in rvhv | kvm) ;; *) usage >&2; exit 2 ;; esac

# needed FROM FILE...: the libraries in FROM that programs and libraries load, all the way down.
needed() {
	local from=$1 wanted=("${@:2}") file lib seen=' '
	while [ "${#wanted[@]}" -gt 0 ]; do
		file=${wanted[0]}
		wanted=("${wanted[@]:1}")
		while read -r lib; do
			case $seen in *" $lib "*) continue ;; esac
			seen+="$lib "
			[ -e "$from/$lib" ] || die "QEMU's packages have no $lib"
			echo "$from/$lib"
			wanted+=("$from/$lib")
		done < <(inroot riscv64-linux-gnu-readelf -d "$file" |
			sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
	done
}

# The emulator, the libraries it loads and their loader: CACHE/qemu-riscv64, about 48 MB. It runs
# by that loader, so nothing of the test host's own root is in its way.
make_qemu_riscv64() {
	local dir libs
	dir=$(newdir qemu-riscv64)
	mkdir "$dir/deb" "$dir/lib"
	view trixie trixie
	with_deps "$dir/deb" qemu-system-riscv:riscv64
	cp "$dir/deb/usr/bin/qemu-system-riscv64" "$dir/"
	libs=$(needed "$dir/deb/usr/lib/riscv64-linux-gnu" "$dir/qemu-system-riscv64")
	# shellcheck disable=SC2086
	cp -L $libs "$dir/lib/"
	rm -rf "$dir/deb"
	cat >"$dir/qemu" <<-'RUN'
		#!/bin/sh
		here=$(dirname "$0")
		exec "$here/lib/ld-linux-riscv64-lp64d.so.1" --library-path "$here/lib" \
			"$here/qemu-system-riscv64" "$@"
	RUN
	chmod 755 "$dir/qemu"
	publish qemu-riscv64
}

prepare_root
piece qemu-riscv64 "$(key "$LAB/demo-qemu.sh" "$LAB/lib/apt.sh" "$ROOT/etc/rvhv/stock-version")" make_qemu_riscv64

files=(-f "$CACHE/qemu-riscv64:/rvhv/qemu")
if [ "$device" = rvhv ]; then
	"$LAB/module" "$kernel"
	files+=(-f "$OUT/$kernel/rvhv.ko")
fi
say "booting the host ($kernel), then the guest in it by QEMU: a minute"
"$LAB/host" -k "$kernel" -t 400 "${files[@]}" -g "$kernel" "$LAB/in-host/demo-qemu" "$device"

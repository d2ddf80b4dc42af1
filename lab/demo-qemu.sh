#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/demo-qemu.sh [-d rvhv|kvm] [stock|7.2|debug]
	Boot a host, load rvhv.ko, and boot the host's kernel as a guest of two CPUs. The VMM is Debian's
	unmodified riscv64 QEMU. Status 0 if the guest reached userspace and powered off, and QEMU ended
	with status 0.
	  -d kvm  the same on kvm.ko
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"

device=rvhv
while getopts d: opt; do
	case $opt in
	d) device=$OPTARG ;;
	*) wrong_usage ;;
	esac
done
shift $((OPTIND - 1))
kernel=${1:-stock}
case $device in rvhv | kvm) ;; *) wrong_usage ;; esac

# needed FROM FILE...: print the libraries in FROM that the files need, and those that these need.
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

# CACHE/qemu-riscv64, about 48 MB: the emulator, its libraries and their loader, which starts it.
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
piece qemu-riscv64 "$(key "$LAB/demo-qemu.sh" "$LAB/lib/apt.sh" "$ROOT/etc/rvhv/stock-version")" \
	make_qemu_riscv64

files=(-f "$CACHE/qemu-riscv64:/rvhv/qemu")
if [ "$device" = rvhv ]; then
	"$LAB/module" "$kernel"
	files+=(-f "$OUT/$kernel/rvhv.ko")
fi
say "booting the host ($kernel), then the guest in it by QEMU: a minute"
"$LAB/host" -k "$kernel" -t 400 "${files[@]}" -g "$kernel" "$LAB/in-host/demo-qemu" "$device"

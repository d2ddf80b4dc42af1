# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# QEMU as a program of the test host, to be a VMM there: Debian's riscv64 build with the
# libraries it needs, as an archive for lab/host -x. Sourced.

# shellcheck source=lab/image.sh
. "$LAB/image.sh"

make_guest_qemu() {
	local dir
	dir=$(newdir guest-qemu)
	mkdir "$dir/all" "$dir/tree"
	view trixie trixie
	with_deps "$dir/all" base-files:riscv64 qemu-system-riscv:riscv64
	# shellcheck disable=SC2016  # expanded inside
	inroot bash -eu -c '
		all=$1 tree=$2 seen=" "
		libs=$all/usr/lib/riscv64-linux-gnu
		mkdir -p "$tree/qemu"
		cp "$all/usr/bin/qemu-system-riscv64" "$tree/qemu/"
		cp "$libs/ld-linux-riscv64-lp64d.so.1" "$tree/qemu/ld.so"
		# Follow NEEDED from the program down.
		set -- "$tree/qemu/qemu-system-riscv64"
		while [ $# -gt 0 ]; do
			for need in $(riscv64-linux-gnu-readelf -d "$1" |
					sed -n "s/.*(NEEDED).*\[\(.*\)\].*/\1/p"); do
				case $seen in *" $need "*) continue ;; esac
				seen="$seen$need "
				lib=$(find "$libs" -name "$need" | sed -n 1p)
				[ -n "$lib" ] || { echo "no $need" >&2; exit 1; }
				cp -L "$lib" "$tree/qemu/$need"
				set -- "$@" "$tree/qemu/$need"
			done
			shift
		done
		riscv64-linux-gnu-strip --strip-unneeded "$tree"/qemu/*.so* || :
		printf "%s\n" "#!/bin/sh" \
			"exec /qemu/ld.so --library-path /qemu /qemu/qemu-system-riscv64 \"\$@\"" \
			>"$tree/qemu/qemu"
		chmod 755 "$tree/qemu/qemu"
	' pick "$dir/all" "$dir/tree"
	cpio_of "$dir/tree" "$dir/qemu.cpio"
	rm -rf "$dir/all" "$dir/tree"
	publish guest-qemu
}

prepare_guest_qemu() {
	prepare_root
	piece guest-qemu "$(key "$LAB/guest-qemu.sh" "$LAB/apt.sh")" make_guest_qemu
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernels of the lab, each in CACHE/kernel/NAME: Image, release, modules/ (HOST_MODULES and
# their dependencies) and, if it is built here, build/. Sourced.
#   stock  Debian 13's 6.12, binary package
#   7.2    Debian's 7.2 source, lab/config/host-kernel.config
#   debug  the same with lab/config/debug.config
#   guest  Debian's 6.12 source, lab/config/guest-kernel.config; for guests only

# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"
# shellcheck source=lab/lib/build.sh
. "$LAB/lib/build.sh"

HOST_MODULES=(kvm zram)

make_stock() {
	local dir rel ver
	prepare_root
	dir=$(newdir kernel/stock)
	rel=$(stock_release)
	ver=$(cat "$ROOT/etc/rvhv/stock-version")
	mkdir "$dir/deb"
	view trixie trixie
	alone "$dir/deb" "linux-image-$rel:riscv64=$ver"
	mv "$dir/deb/boot/vmlinux-$rel" "$dir/Image"
	echo "$rel" >"$dir/release"
	ln -s usr/lib "$dir/deb/lib"
	pick_modules "$dir/deb" "$rel" "$dir/modules"
	rm -rf "$dir/deb"
	publish kernel/stock
}

# pick_modules FROM RELEASE TO: copy HOST_MODULES, uncompressed, and make a new modules.dep.
pick_modules() {
	# shellcheck disable=SC2016  # expanded inside
	inroot bash -eu -c '
		from=$1 rel=$2 to=$3
		shift 3
		depmod -b "$from" "$rel"
		mkdir -p "$to/lib/modules/$rel"
		for m; do
			modprobe -d "$from" -S "$rel" --show-depends "$m" 2>/dev/null || :
		done | sed -n "s/^insmod \([^ ]*\).*/\1/p" | sort -u | while read -r ko; do
			case $ko in
			*.xz) xz -dc "$ko" >"$to/lib/modules/$rel/$(basename "$ko" .xz)" ;;
			*) cp "$ko" "$to/lib/modules/$rel/" ;;
			esac
		done
		cp "$from/lib/modules/$rel"/modules.{order,builtin,builtin.modinfo} "$to/lib/modules/$rel/"
		depmod -b "$to" "$rel"
		rm -f "$to/lib/modules/$rel"/modules.*.bin
	' pick "$1" "$2" "$3" "${HOST_MODULES[@]}"
}

prepare_kernel() {
	case $1 in
	stock)
		prepare_root
		piece kernel/stock "$(key "$LAB/lib/kernel.sh" "$ROOT/etc/rvhv/stock-version")" make_stock
		;;
	7.2 | debug | guest)
		prepare_built "$1"
		;;
	*)
		die "no kernel $1; there are stock, 7.2, debug and guest"
		;;
	esac
}

# kernel_build NAME: print the directory that external modules are built against.
kernel_build() {
	case $1 in
	stock) echo "/usr/src/linux-headers-$(stock_release)" ;;
	*) echo "$CACHE/kernel/$1/build" ;;
	esac
}

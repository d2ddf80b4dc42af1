# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian 13 root that everything is built in: compilers, kernel build tools and the stock
# kernel's headers. No package script runs, so a plain user can make it. Sourced.

# shellcheck source=lab/lib/apt.sh
. "$LAB/lib/apt.sh"

BASE_PACKAGES="base-files base-passwd bash bsdutils coreutils dash debianutils diffutils findutils
	gawk grep gzip hostname libc-bin ncurses-base perl sed tar util-linux mount procps"
BUILD_PACKAGES="make gcc libc6-dev gcc-riscv64-linux-gnu libc6-dev-riscv64-cross python3 flex bison
	bc kmod cpio rsync libelf-dev libssl-dev libdw-dev xz-utils zstd device-tree-compiler sparse
	pahole shellcheck git file"
# For lab/lib/hart.sh
BUILD_PACKAGES+=" meson ninja-build pkgconf python3-pip libglib2.0-dev libfdt-dev"

make_root() {
	local dir ver rel
	dir=$(newdir root)
	view trixie trixie
	# shellcheck disable=SC2086
	with_deps "$dir" $BASE_PACKAGES $BUILD_PACKAGES

	ver=$(newest linux-image-riscv64:riscv64 6.12)
	rel=$(apt-cache show "linux-image-riscv64:riscv64=$ver" |
		sed -n 's/^Depends:.*linux-image-\([^ ,]*\).*/\1/p' | sed -n 1p)
	alone "$dir" "linux-headers-$rel:riscv64" "linux-headers-${rel%-riscv64}-common" \
		"linux-kbuild-${rel%-riscv64}:amd64" libfdt-dev:riscv64

	ln -sf gawk "$dir/usr/bin/awk"
	cp "$dir/usr/share/base-passwd/passwd.master" "$dir/etc/passwd"
	cp "$dir/usr/share/base-passwd/group.master" "$dir/etc/group"
	ln -sf /proc/self/mounts "$dir/etc/mtab"
	mkdir -p "$dir/proc" "$dir/sys" "$dir/dev" "$dir/tmp" "$dir/root"
	rm -rf "$dir/usr/share/doc" "$dir/usr/share/man" "$dir/usr/share/locale"
	mkdir -p "$dir/etc/rvhv"
	echo "$rel" >"$dir/etc/rvhv/stock-release"
	echo "$ver" >"$dir/etc/rvhv/stock-version"
	publish root
}

# lab/in-root holds the lock shared while it uses the root.
make_root_locked() {
	exec 7>"$CACHE/root.lock"
	flock -n 7 || { say "waiting for commands that use the old root"; flock 7; }
	make_root
}

prepare_root() {
	piece root "$(key "$LAB/lib/root.sh" "$LAB/lib/apt.sh")" make_root_locked
}

stock_release() { cat "$ROOT/etc/rvhv/stock-release"; }

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Root file systems as uncompressed initramfs archives with busybox: one for the test host (per
# kernel, with its modules), one for guests. Sourced.

# shellcheck source=lab/lib/kernel.sh
. "$LAB/lib/kernel.sh"

make_busybox() {
	local dir
	dir=$(newdir busybox)
	# memset in busybox 1.38 of later suites needs vector instructions.
	view trixie trixie
	alone "$dir" busybox-static:riscv64
	publish busybox
}

prepare_busybox() {
	piece busybox "$(key "$LAB/lib/image.sh" "$LAB/lib/apt.sh")" make_busybox
}

# cpio_of DIR FILE: make an archive of the contents of DIR, owned by root.
cpio_of() {
	# shellcheck disable=SC2016  # expanded inside
	inroot sh -eu -c 'cd "$1" && find . -mindepth 1 | sort |
		cpio --quiet -o -H newc -R 0:0 >"$2"' cpio "$1" "$2"
}

busybox_tree() {
	mkdir -p "$1"/{bin,dev,etc,lib,proc,root,run,sbin,sys,tmp,usr}
	ln -s ../bin "$1/usr/bin"
	ln -s ../sbin "$1/usr/sbin"
	cp "$CACHE/busybox/usr/bin/busybox" "$1/bin/busybox"
	chmod 755 "$1/bin/busybox"
	ln -s busybox "$1/bin/sh"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
	echo 'root:x:0:' >"$1/etc/group"
}

make_host_image() {
	local dir=$CACHE/kernel/$1/tree
	rm -rf "$dir"
	busybox_tree "$dir"
	cp "$LAB/in-host/init" "$dir/init"
	chmod 755 "$dir/init"
	mkdir -p "$dir/rvhv"
	cp -r "$CACHE/kernel/$1/modules/lib/modules" "$dir/lib/"
	cpio_of "$dir" "$CACHE/kernel/$1/host.cpio.new"
	mv "$CACHE/kernel/$1/host.cpio.new" "$CACHE/kernel/$1/host.cpio"
	rm -rf "$dir"
}

make_guest_image() {
	local dir
	dir=$(newdir guest)
	busybox_tree "$dir/tree"
	cp "$LAB/in-guest/init" "$dir/tree/init"
	chmod 755 "$dir/tree/init"
	cpio_of "$dir/tree" "$dir/guest.cpio"
	rm -rf "$dir/tree"
	publish guest
}

prepare_host_image() {
	local stamps
	prepare_kernel "$1"
	prepare_busybox
	stamps=("$CACHE/stamp/kernel/$1" "$CACHE/stamp/busybox")
	host_kernel=$1
	piece "kernel/$1-host" "$(key "$LAB/in-host/init" "$LAB/lib/image.sh" "${stamps[@]}")" \
		make_this_host_image
}

make_this_host_image() { make_host_image "$host_kernel"; }

prepare_guest_image() {
	prepare_root
	prepare_busybox
	piece guest "$(key "$LAB/in-guest/init" "$LAB/lib/image.sh" "$CACHE/stamp/busybox")" \
		make_guest_image
}

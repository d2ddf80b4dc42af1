# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The hostile hart: QEMU of the same version as Debian's, with lab/hart built in, in CACHE/hart.
# The build directory stays in CACHE/hart-build, so a change of lab/hart takes seconds. Sourced by
# qemu.sh.

# shellcheck source=lab/lib/build.sh
. "$LAB/lib/build.sh"

HART_TARBALL=qemu_10.0.2+ds.orig.tar.xz
HART_SHA256=0901da33844a331bf8b3602b9c1fbd178e60b737c8e3ade678255bd090c9b9f1
HART_FLAGS="--target-list=riscv64-softmmu --without-default-features --without-default-devices
	--with-devices-riscv64=lab --enable-tcg --enable-fdt=system --disable-docs
	--disable-install-blobs --disable-download --cc=gcc --host-cc=gcc"

# The packages that only this build needs are in the root (BUILD_PACKAGES).
prepare_hart() {
	local files=("$LAB"/hart/*.[ch] "$LAB"/hart/qemu.patch "$LAB"/hart/devices.mak)
	prepare_root
	piece hart-source "$HART_SHA256" make_hart_source
	piece hart "$(key "$LAB/lib/hart.sh" "${files[@]}" "$CACHE/stamp/root")" make_hart
}

# A mirror drops a version some time after the next one: a copy of the tarball in CACHE/src will do.
make_hart_source() {
	local dir tarball=$CACHE/src/$HART_TARBALL
	mkdir -p "$CACHE/src"
	if ! hart_tarball_is_right "$tarball"; then
		step "download: $HART_TARBALL" log_to "$CACHE/log/download" /usr/lib/apt/apt-helper \
			-o APT::Sandbox::User=root download-file \
			"$(find_mirror)/pool/main/q/qemu/$HART_TARBALL" "$tarball" "SHA256:$HART_SHA256" ||
			die "no $HART_TARBALL at the mirror; put it into $CACHE/src, SHA-256 $HART_SHA256"
		hart_tarball_is_right "$tarball" || die "$tarball: wrong SHA-256"
	fi
	dir=$(newdir hart-source)
	# Firmware sources are two thirds of it and not built.
	tar -C "$dir" --strip-components=1 --exclude='*/roms/*/*' -xf "$tarball"
	rm "$tarball"
	publish hart-source
}

hart_tarball_is_right() {
	[ -e "$1" ] && echo "$HART_SHA256  $1" | sha256sum --status -c -
}

make_hart() {
	local build=$CACHE/hart-build
	mkdir -p "$build/tree" "$build/out"
	hart_tree "$(newdir hart-tree)"
	# Only files that differ are written, so that only they are compiled again.
	inroot rsync -rlp --checksum --delete "$CACHE/hart-tree.new/" "$build/tree/"
	rm -rf "$CACHE/hart-tree.new"
	if [ "$(cat "$build/flags" 2>/dev/null)" != "$HART_FLAGS $(cat "$CACHE/stamp/root")" ]; then
		rm -rf "$build/out"
		mkdir "$build/out"
		# shellcheck disable=SC2086
		log_to "$CACHE/log/hart-configure" inroot env -C "$build/out" ../tree/configure $HART_FLAGS
		echo "$HART_FLAGS $(cat "$CACHE/stamp/root")" >"$build/flags"
	fi
	with_progress "$build/out" log_to "$CACHE/log/hart" inroot nice -n 15 ninja -C "$build/out" \
		qemu-system-riscv64
	hart_install "$(newdir hart)"
	publish hart
}

# hart_tree DIR: the source with the project's part. configure looks for pycotap, which only tests
# need.
hart_tree() {
	cp -al "$CACHE/hart-source/." "$1/"
	sed -i '/^pycotap/d' "$1/pythondeps.toml"
	inroot env -C "$1" GIT_CEILING_DIRECTORIES="$CACHE" git apply "$LAB/hart/qemu.patch"
	cp "$LAB"/hart/*.[ch] "$1/target/riscv/"
	cp "$LAB/hart/devices.mak" "$1/configs/devices/riscv64-softmmu/lab.mak"
}

# hart_install DIR: the program with the libraries and the loader of the root, so that it runs on
# every machine. The firmware is that of Debian's QEMU.
hart_install() {
	local program=$CACHE/hart-build/out/qemu-system-riscv64
	inroot strip -o "$1/qemu-system-riscv64" "$program"
	# shellcheck disable=SC2016  # expanded inside
	inroot sh -euc 'cp -L $(ldd "$1" | grep -o "/[^ ]*") "$2/"' libs "$program" "$1"
	cat >"$1/qemu" <<-'RUN'
		#!/bin/sh
		here=$(dirname "$0")
		exec "$here/ld-linux-x86-64.so.2" --library-path "$here" "$here/qemu-system-riscv64" \
			-L "$here/../qemu/usr/share/qemu" "$@"
	RUN
	chmod +x "$1/qemu"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lab/selftests-kvm.sh [stock|7.2|debug] [TEST...]: Linux 7.2's own KVM self-tests, each on
# kvm.ko and on rvhv.ko in one boot. Fails if one that passes on kvm.ko does not on rvhv.ko.
# Without rvhv.ko in out/KERNEL (DEVICES=kvm) it only shows what kvm.ko does.

. "$(dirname "$0")/common.sh"
# shellcheck source=lab/root.sh
. "$LAB/root.sh"

kernel=${1:-stock}
[ $# -eq 0 ] || shift
devices=${DEVICES:-kvm rvhv}
build=$CACHE/selftests-kvm

# Built static, outside the source; gcc 12 would not do.
build_selftests() {
	local src
	src=$("$LAB/source" 7.2)
	mkdir -p "$build/hdr" "$build/kvm"
	log_to "$CACHE/log/selftests-headers" inroot make -s -C "$src" O="$build/hdr" ARCH=riscv \
		CROSS_COMPILE=riscv64-linux-gnu- headers_install
	log_to "$CACHE/log/selftests" inroot nice -n 5 make -s -C "$src/tools/testing/selftests/kvm" \
		ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- OUTPUT="$build/kvm" \
		KHDR_INCLUDES="-isystem $build/hdr/usr/include" LDFLAGS=-static -j"$(nproc)"
	rm -rf "$build/install"
	mkdir -p "$build/install"
	(cd "$build/kvm" && find . -type f -perm -u+x ! -name '*.*') | while read -r t; do
		inroot riscv64-linux-gnu-strip -o "$build/install/$(basename "$t")" "$build/kvm/$t"
	done
}

prepare_root
"$LAB/source" 7.2 >/dev/null
piece selftests-kvm "$(key "$0" "$CACHE/stamp/src-7.2")" build_selftests

files=(-f "$build/install:/rvhv/kvm")
case " $devices " in
*' rvhv '*)
	"$LAB/module" "$kernel"
	files+=(-f "$OUT/$kernel/rvhv.ko")
	;;
esac
results=$OUT/selftests-kvm-$kernel
rm -rf "$results"
"$LAB/host" -k "$kernel" -t 3000 -m 6G "${files[@]}" -o "$results" \
	"$LAB/selftests-kvm-host" "$devices" "$@"

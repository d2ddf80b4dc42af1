#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/nested.sh [CPUS]
	Boot a host with rvhv.ko, in it a guest that is a hypervisor (Debian's stock kernel with its own
	kvm.ko), and in that a second guest. CPUS (1) is the number of virtual CPUs at both levels.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/image.sh
. "$LAB/lib/image.sh"

"$LAB/module" stock
build_tools rvhv-run
prepare_guest_image
say "booting three kernels, one in the other: a minute"
"$LAB/host" -t 480 -o "$OUT/nested" -f "$OUT/stock/rvhv.ko" -f "$OUT/tools/rvhv-run" -g stock \
	-G "$OUT/tools/rvhv-run" -G "$LAB/in-guest/nested-l1" -G "$CACHE/kernel/stock/Image:/rvhv/Image-l2" \
	-G "$CACHE/guest/guest.cpio:/rvhv/l2.cpio" "$LAB/in-host/nested" "${1:-1}"

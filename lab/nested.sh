#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lab/nested.sh [CPUS]: a host with rvhv.ko, a guest of it that is a hypervisor (Debian's stock kernel
# with its own kvm.ko), and a guest of that one. CPUS virtual CPUs at both levels, 1 by default.

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/image.sh
. "$LAB/lib/image.sh"

"$LAB/module" stock
step "building rvhv-run" inroot make -s -C "$PROJECT/tools" O="$OUT/tools" SUBDIRS=rvhv-run
prepare_guest_image
say "booting three kernels, one in the other: a minute"
"$LAB/host" -t 480 -o "$OUT/nested" -f "$OUT/stock/rvhv.ko" -f "$OUT/tools/rvhv-run" -g stock \
	-G "$OUT/tools/rvhv-run" -G "$LAB/in-guest/nested-l1" -G "$CACHE/kernel/stock/Image:/rvhv/Image-l2" \
	-G "$CACHE/guest/guest.cpio:/rvhv/l2.cpio" "$LAB/in-host/nested" "${1:-1}"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lab/demo-qemu.sh [stock|7.2|debug]: boot a host, load rvhv.ko, boot Linux as a guest with
# Debian's QEMU as the VMM.

. "$(dirname "$0")/common.sh"
# shellcheck source=lab/guest-qemu.sh
. "$LAB/guest-qemu.sh"

kernel=${1:-stock}
prepare_guest_qemu
"$LAB/module" "$kernel"
say "booting the host ($kernel), then the guest in it by QEMU: about a minute"
"$LAB/host" -k "$kernel" -t 400 -f "$OUT/$kernel/rvhv.ko" -x "$CACHE/guest-qemu/qemu.cpio" \
	-g "$kernel" "$LAB/demo-qemu-host" /dev/rvhv

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lab/demo.sh [stock|7.2|debug]: boot a host, load rvhv.ko, boot Linux as a guest with rvhv-run; guest
# and host say hello to each other through the host channel. Then a guest whose console is a tty of the
# host.

. "$(dirname "$0")/lib/common.sh"

kernel=${1:-stock}
"$LAB/module" "$kernel"
step "building rvhv-run" inroot make -s -C "$PROJECT/tools" O="$OUT/tools" SUBDIRS=rvhv-run
hvc=$("$LAB/kernel" guest)
say "booting the host ($kernel), then two guests in it: a minute"
"$LAB/host" -k "$kernel" -t 300 -f "$OUT/$kernel/rvhv.ko" -f "$OUT/tools/rvhv-run" -g "$kernel" \
	-G "$OUT/$kernel/host_comm.ko" -G "$LAB/in-guest/channel" -f "$hvc:/rvhv/Image-hvc" \
	"$LAB/in-host/demo" /dev/rvhv

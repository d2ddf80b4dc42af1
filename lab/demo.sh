#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/demo.sh [stock|7.2|debug]
	Boot a host, load rvhv.ko and boot two guests with rvhv-run: one that exchanges a message with
	the host through the host channel, then one whose console is a tty of the host.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"

kernel=${1:-stock}
"$LAB/module" "$kernel"
build_tools rvhv-run
hvc=$("$LAB/kernel" guest)
say "booting the host ($kernel), then two guests in it: a minute"
"$LAB/host" -k "$kernel" -t 300 -f "$OUT/$kernel/rvhv.ko" -f "$OUT/tools/rvhv-run" -g "$kernel" \
	-G "$OUT/$kernel/host_comm.ko" -G "$LAB/in-guest/channel" -f "$hvc:/rvhv/Image-hvc" \
	"$LAB/in-host/demo" /dev/rvhv

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/guests.sh [stock|7.2|debug] [TEST...]
	Run Linux as a guest of rvhv-run on a host with Sstc, in all ways or those named: smp, overcommit,
	two, huge, thp, swap, channel, vmids, hotplug, console, exclusive, and by name crowd
	(lab/in-host/guests has the tests); then smp on a host without Sstc. Prints TAP and at the end
	'N passed, N failed, N skipped'; status 1 if a test failed.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"

kernel=${1:-stock}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- smp overcommit two huge thp swap channel vmids hotplug console exclusive

"$LAB/module" "$kernel"
[ "$kernel" = stock ] || "$LAB/module" stock	# host_comm.ko for the guest's kernel
build_tools rvhv-run

files=()
case " $* " in
*" console "*) files+=(-f "$("$LAB/kernel" guest):/rvhv/Image-hvc") ;;
esac

boot() {
	local cpu=$1
	shift
	"$LAB/host" -k "$kernel" -c "$cpu" -t 2400 -o "$OUT/guests" -f "$OUT/$kernel/rvhv.ko" \
		-f "$OUT/tools/rvhv-run" ${files[@]+"${files[@]}"} -g stock -G "$LAB/in-guest/memory" \
		-G "$LAB/in-guest/channel" -G "$OUT/stock/host_comm.ko" "$LAB/in-host/guests" "$@"
}

tap_step 'with Sstc' boot max "$@"
tap_step 'without Sstc' boot max,sstc=off smp
tap_close

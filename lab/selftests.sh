#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/selftests.sh [-d DEVICE] [-k KERNEL] [HOST-OPTION]... [-- NAME=VALUE... TEST...]
	Build the self-tests and run them in the test host, all or those named. Without names the
	timer's run once more on a host without Sstc. NAME=VALUE goes into their environment:
	RVHV_CALLS, RVHV_CYCLES, RVHV_FENCES, RVHV_HGATPS, RVHV_LEAVES, RVHV_MESSAGES, RVHV_ROUNDS and
	RVHV_STEPS set the length of some of them, RVHV_SEED their random numbers.
	  -d DEVICE  /dev/rvhv (default), or /dev/kvm to check the tests themselves
	  -k KERNEL  the host's kernel: stock (default), 7.2 or debug
	Options of lab/host are -c, -M, -s, -m, -a, -t. Prints TAP and at the end 'N passed, N failed,
	N skipped'; status 1 if any failed.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"

device=/dev/rvhv kernel=stock host=()
seconds=1500
while getopts d:k:c:M:s:m:a:t: opt; do
	case $opt in
	d) device=$OPTARG ;;
	k) kernel=$OPTARG ;;
	t) seconds=$OPTARG ;;
	c | M | s | m | a) host+=("-$opt" "$OPTARG") ;;
	*) wrong_usage ;;
	esac
done
shift $((OPTIND - 1))
[ "${1:-}" != -- ] || shift

build_tools selftests
files=(-f "$OUT/tools/selftests")
if [ "$device" = /dev/rvhv ]; then
	"$LAB/module" "$kernel"
	files+=(-f "$OUT/$kernel/rvhv.ko" -f "$OUT/$kernel/rvhv_sample.ko")
fi

boot() { "$LAB/host" -k "$kernel" -t "$seconds" "${files[@]}" "$@"; }

tap_step self-tests boot ${host[@]+"${host[@]}"} "$LAB/in-host/selftests" "$device" "$@"
if [ $# -eq 0 ]; then
	echo "# without Sstc"
	tap_step 'without Sstc' boot -c max,sstc=off "$LAB/in-host/selftests" "$device" timer
fi
tap_close

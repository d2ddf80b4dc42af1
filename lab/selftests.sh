#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/selftests.sh [-d DEVICE] [-k KERNEL] [HOST-OPTION]... [-- NAME=VALUE... TEST...]
	Build the self-tests and run them in the test host, all or those named; without names the
	timer's once more on a host without Sstc. NAME=VALUE goes into their environment: RVHV_CALLS,
	RVHV_CYCLES, RVHV_FENCES, RVHV_HGATPS, RVHV_LEAVES, RVHV_MESSAGES, RVHV_ROUNDS, RVHV_SEED and
	RVHV_STEPS make some of them longer, or other.
	  -d DEVICE  /dev/rvhv (default), or /dev/kvm to check the tests themselves
	  -k KERNEL  the host's kernel: stock (default), 7.2 or debug
	Options of lab/host are -c, -M, -s, -m, -a, -t. Prints TAP and at the end one line
	'N passed, N failed, N skipped'; status 1 if any failed.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
OUT=$PROJECT/out

device=/dev/rvhv kernel=stock host=()
seconds=1500
while getopts d:k:c:M:s:m:a:t:h opt; do
	case $opt in
	d) device=$OPTARG ;;
	k) kernel=$OPTARG ;;
	t) seconds=$OPTARG ;;
	c | M | s | m | a) host+=("-$opt" "$OPTARG") ;;
	h) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ "${1:-}" != -- ] || shift

source=$("$LAB/source" 6.12)
step "building the self-tests" inroot make -s -C tools/selftests O="$OUT/tools" KSRC="$source"

files=(-f "$OUT/tools/selftests")
if [ "$device" = /dev/rvhv ]; then
	"$LAB/module" "$kernel"
	files+=(-f "$OUT/$kernel/rvhv.ko" -f "$OUT/$kernel/rvhv_sample.ko")
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# run_host ARGS...: one boot; the console also goes to the log that is counted.
run_host() {
	"$LAB/host" -k "$kernel" -t "$seconds" "${files[@]}" "$@" 2>&1 | tee -a "$log" || failed_host=1
}

failed_host=0
run_host ${host[@]+"${host[@]}"} "$LAB/in-host/selftests" "$device" "$@"
if [ $# -eq 0 ]; then
	echo "# without Sstc"
	run_host -c max,sstc=off "$LAB/in-host/selftests" "$device" timer
fi

# Programs say how many tests they have; what then never came is a failure too.
awk -v died="$failed_host" '
	/^1\.\.[0-9]+\r?$/ { planned += substr($1, 4) }
	/^ok [0-9]+ .*# SKIP/ { skipped++; next }
	/^ok [0-9]+ / { passed++ }
	/^not ok [0-9]+ / { failed++ }
	END {
		if (planned > passed + failed + skipped)
			failed += planned - passed - failed - skipped
		if (died && !failed)
			failed = 1
		if (!passed && !failed)
			failed = 1
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit (failed > 0)
	}
' "$log"

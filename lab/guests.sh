#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lab/guests.sh [stock|7.2|debug] [TEST...]: Linux as a guest of rvhv-run, in many ways (lab/in-host/guests
# has the tests), on a host with Sstc and on one without. TAP output, and at the end a line 'N passed, N
# failed, N skipped'; status 1 if a test fails.

. "$(dirname "$0")/lib/common.sh"

kernel=${1:-stock}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- smp overcommit two huge thp swap channel vmids hotplug console exclusive

"$LAB/module" "$kernel"
[ "$kernel" = stock ] || "$LAB/module" stock	# the guest's
step "building rvhv-run" inroot make -s -C "$PROJECT/tools" O="$OUT/tools" SUBDIRS=rvhv-run

# The guest whose only console is the SBI's
files=()
case " $* " in
*" console "*) files+=(-f "$("$LAB/kernel" guest):/rvhv/Image-hvc") ;;
esac

# boot CPU TEST...
boot() {
	local cpu=$1
	shift
	"$LAB/host" -k "$kernel" -c "$cpu" -t 2400 -o "$OUT/guests" -f "$OUT/$kernel/rvhv.ko" \
		-f "$OUT/tools/rvhv-run" ${files[@]+"${files[@]}"} -g stock -G "$LAB/in-guest/memory" \
		-G "$LAB/in-guest/channel" -G "$OUT/stock/host_comm.ko" "$LAB/in-host/guests" "$@"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
	echo "# host with Sstc"
	boot max "$@" || echo "# this host failed"
	echo "# host without Sstc"
	boot max,sstc=off smp || echo "# this host failed"
} 2>&1 | tee "$log"

# What was planned and never came is a failure too, and so is a host without a plan.
awk '
	/^1\.\.[0-9]+/ { plans++; planned += substr($1, 4) }
	/^ok [0-9]+ / { passed++ }
	/^not ok [0-9]+ / { failed++ }
	END {
		if (planned > passed + failed)
			failed += planned - passed - failed
		failed += 2 - plans
		printf "%d passed, %d failed, 0 skipped\n", passed, failed
		exit (failed > 0)
	}
' "$log"

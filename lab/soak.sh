#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lab/soak.sh [stock|7.2|debug]: the long forms of what `make test` does in short: a module inserted and
# removed 1,000 times while two guests call it, 10 million random SBI calls, a million messages each
# way through the host channel, hostile L1s with as many leaves as there may be, two million values of
# hgatp and a million random steps, an L1 and its L2 saved and restored 1,000 times, nested guests in
# all mixtures. Two hours at most. The last line is 'N passed, N failed, N skipped'.

. "$(dirname "$0")/lib/common.sh"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
	"$LAB/selftests.sh" -k "${1:-stock}" -t 14400 -- RVHV_CYCLES=1000 RVHV_CALLS=10000000 \
		RVHV_MESSAGES=1000000 RVHV_LEAVES=1040000 RVHV_HGATPS=2000000 RVHV_FENCES=300000 \
		RVHV_ROUNDS=2000 RVHV_STEPS=1000000 \
		sample sbi_fuzz host_messages nested_bounds nested_isolation nested_fuzz \
		nested_vmm nested_state || echo "# the self-tests failed"
	"$LAB/nested-mix.sh" -k "${1:-stock}" long || echo "# nested guests failed"
} 2>&1 | tee "$log"

# Both end in such a line; one that does not come is a failure.
awk '
	/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
		lines++
		passed += $1
		failed += $3
		skipped += $5
	}
	END {
		failed += 2 - lines
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit (failed > 0)
	}
' "$log"

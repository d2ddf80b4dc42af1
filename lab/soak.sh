#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/soak.sh [stock|7.2|debug]
	Run the long forms of the tests, two hours at most: the module inserted and removed 1,000 times
	while two guests call it; 10 million random SBI calls; a million messages each way through the
	host channel; hostile L1s with the largest shadow tables, two million values of hgatp and a
	million random steps; an L1 and its L2 saved and restored 1,000 times; nested guests in all
	mixtures. The last line is 'N passed, N failed, N skipped'; status 1 if anything failed.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"

kernel=${1:-stock}
tap_step self-tests "$LAB/selftests.sh" -k "$kernel" -t 14400 -- RVHV_CYCLES=1000 \
	RVHV_CALLS=10000000 RVHV_MESSAGES=1000000 RVHV_LEAVES=1040000 RVHV_HGATPS=2000000 \
	RVHV_FENCES=300000 RVHV_ROUNDS=2000 RVHV_STEPS=1000000 \
	sample sbi_fuzz host_messages nested_bounds nested_isolation nested_fuzz nested_state nested_wild
tap_step nested "$LAB/nested-mix.sh" -k "$kernel" long
tap_close

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/test-debug.sh [debug|7.2]
	Run unit tests, self-tests, guests, guests of guests and the differential test on a host whose
	kernel has KASAN, lockdep, checks for sleeping in atomic context, object debugging and kmemleak.
	The host's log must hold no report. The last line is 'N passed, N failed, N skipped'; status 1 if
	anything failed.
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"
# shellcheck source=lab/lib/points.sh
. "$LAB/lib/points.sh"

kernel=${1:-debug}
out=$OUT/test-debug

RVHV_OUT=$out "$LAB/module" "$kernel" CONFIG_RVHV_KUNIT_TEST=y
"$LAB/module" "$kernel"
build_tools rvhv-run selftests

in_host() {
	"$LAB/host" -k "$kernel" -t 5400 \
		-a "kunit.enable=1 kunit.autorun=1 kunit.timeout=3000 log_buf_len=16M" \
		-o "$out/results" -f "$out/$kernel/rvhv.ko:/rvhv/rvhv-kunit.ko" \
		-f "$OUT/$kernel/rvhv.ko" -f "$OUT/$kernel/rvhv_sample.ko" -f "$OUT/tools/rvhv-run" \
		-f "$OUT/tools/selftests" -f "$LAB/in-host/selftests:/rvhv/selftests.sh" \
		-f "$LAB/in-host/guests:/rvhv/guests.sh" -g stock -G "$LAB/in-guest/memory" \
		"$LAB/in-host/debug"
}

# no_report: fails if a debugging option reported something in the log of the host, and prints it.
no_report() {
	local reports='BUG:|WARNING:|KASAN|UBSAN|ODEBUG|Oops|INFO: (possible|inconsistent|task|rcu|trying)|'
	reports+='sleeping function|suspicious RCU|possible (circular|recursive|irq)|kmemleak: [1-9]|'
	reports+='Unable to handle|rcu:.*stall|leak detector disabled'
	[ -s "$out/results/dmesg" ] || { say "the host's log is missing"; return 1; }
	! grep -E -A40 "$reports" "$out/results/dmesg" | head -n 200 | grep .
}

TAP_LOGS=$out/log
rm -rf "$out/results"
say "a kernel with its checkers is slow: half an hour"
tap_step host in_host
tap_step log point "no report in the log of the host" no_report
# These two check the log of their host themselves.
tap_step nested "$LAB/nested-mix.sh" -k "$kernel" reload rvhv-7.2
tap_step differential "$LAB/difftest.sh" -k "$kernel"
tap_close

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lab/test-debug.sh [debug|7.2]: unit tests, self-tests, guests, guests of guests and the differential
# test on a host whose kernel has KASAN, lockdep, checks for sleeping where that is forbidden, object
# debugging and kmemleak. The host's log must hold no report. The last line is
# 'N passed, N failed, N skipped'; status 1 if anything failed.

. "$(dirname "$0")/lib/common.sh"

kernel=${1:-debug}
out=$OUT/test-debug
source=$("$LAB/source" 6.12)

RVHV_OUT=$out "$LAB/module" "$kernel" CONFIG_RVHV_KUNIT_TEST=y
"$LAB/module" "$kernel"
step "building rvhv-run and the self-tests" inroot make -s -C "$PROJECT/tools" O="$OUT/tools" \
	KSRC="$source" SUBDIRS='rvhv-run selftests'

rc=0
mkdir -p "$out"
say "the host is slow with its checkers: half an hour"
"$LAB/host" -k "$kernel" -t 5400 -a "kunit.enable=1 kunit.autorun=1 kunit.timeout=3000 log_buf_len=16M" \
	-o "$out/results" -f "$out/$kernel/rvhv.ko:/rvhv/rvhv-kunit.ko" -f "$OUT/$kernel/rvhv.ko" -f "$OUT/$kernel/rvhv_sample.ko" \
	-f "$OUT/tools/rvhv-run" -f "$OUT/tools/selftests" -f "$LAB/in-host/selftests:/rvhv/selftests.sh" \
	-f "$LAB/in-host/guests:/rvhv/guests.sh" -g stock -G "$LAB/in-guest/memory" "$LAB/in-host/debug" 2>&1 |
	tee "$out/log" || rc=1

# They look at the host's log by themselves.
"$LAB/nested-mix.sh" -k "$kernel" reload rvhv-7.2 2>&1 | tee -a "$out/log" || rc=1
"$LAB/difftest.sh" -k "$kernel" 2>&1 | tee -a "$out/log" || rc=1

# What a debugging option has to say begins in one of these ways.
reports='BUG:|WARNING:|KASAN|UBSAN|ODEBUG|Oops|INFO: (possible|inconsistent|task|rcu|trying)|'
reports+='sleeping function|suspicious RCU|possible (circular|recursive|irq)|kmemleak: [1-9]|'
reports+='Unable to handle|rcu:.*stall|leak detector disabled'
silent=0
if ! [ -s "$out/results/dmesg" ]; then
	say "the host's log is missing"
	silent=1
elif grep -E -A40 "$reports" "$out/results/dmesg" | head -n 200; then
	silent=1
fi

awk -v silent="$silent" -v rc="$rc" '
	/^ok [0-9]+ .*# SKIP/ { skipped++; next }
	/^ok [0-9]+ / { passed++ }
	/^not ok [0-9]+ / { failed++ }
	END {
		if (silent == 0)
			passed++
		else {
			failed++
			print "not ok - no report in the log of the host"
		}
		if (rc && !failed)
			failed = 1
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit (failed > 0)
	}
' "$out/log"

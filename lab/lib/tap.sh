# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Counts test results. A command runs each of its parts with tap_step and ends with tap_close, which
# prints 'N passed, N failed, N skipped'. Sourced.

tap_passed=0 tap_failed=0 tap_skipped=0 tap_summary=()

# tap_count STATUS: read the output of a step that ended with STATUS; print PASSED FAILED SKIPPED.
# A closing line, of tap_close or of kunit.py, replaces the points since the last one. Each point
# that a plan announces and that is missing has failed. A step that failed without a failed point,
# or that passed no point, counts as one failure.
tap_count() {
	awk -v status="$1" '
		function close_points(p, f, s) {
			passed += p
			failed += f
			skipped += s
			ok = missed = left_out = planned = 0
		}
		{ sub(/\r$/, "") }
		/^1\.\.[0-9]+$/ { planned += substr($0, 4) }
		/^ok [0-9]+/ { if (/# SKIP/) left_out++; else ok++ }
		/^not ok [0-9]+/ { missed++ }
		/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { close_points($1, $3, $5) }
		/Testing complete\. Ran [0-9]+ tests:/ {
			p = f = s = 0
			for (i = 1; i < NF; i++) {
				if ($i == "passed:") p = $(i + 1) + 0
				if ($i == "skipped:") s = $(i + 1) + 0
				if ($i ~ /^(failed|crashed|errors):$/) f += $(i + 1) + 0
			}
			close_points(p, f, s)
		}
		END {
			if (planned > ok + missed + left_out)
				missed = planned - ok - left_out
			close_points(ok, missed, left_out)
			if (!failed && (status || !passed))
				failed = 1
			print passed + 0, failed + 0, skipped + 0
		}
	'
}

# tap_step NAME COMMAND...: run COMMAND and add its results to the total. Its output is also kept as
# TAP_LOGS/NAME.log if TAP_LOGS is set.
tap_step() {
	local name=$1 t0=$SECONDS rc log p f s
	shift
	if [ -n "${TAP_LOGS:-}" ]; then
		mkdir -p "$TAP_LOGS"
		log=$TAP_LOGS/$name.log
	else
		log=$(mktemp)
	fi
	set +e
	( set -e; "$@" ) 2>&1 | tee "$log"
	rc=${PIPESTATUS[0]}
	set -e
	read -r p f s < <(tap_count "$rc" <"$log")
	[ -n "${TAP_LOGS:-}" ] || rm -f "$log"
	tap_passed=$((tap_passed + p)) tap_failed=$((tap_failed + f)) tap_skipped=$((tap_skipped + s))
	tap_summary+=("$(printf '%-14s %4d passed, %d failed, %d skipped, %d s' "$name:" "$p" "$f" "$s" \
		$((SECONDS - t0)))")
}

# tap_close: print the totals. Fails if anything failed.
tap_close() {
	[ "${#tap_summary[@]}" -lt 2 ] || printf '%s\n' '' "${tap_summary[@]}"
	echo "$tap_passed passed, $tap_failed failed, $tap_skipped skipped"
	[ "$tap_failed" -eq 0 ]
}

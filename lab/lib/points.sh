# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Test points in TAP. Sourced by commands (bash) and by scripts in the test host (busybox).

points=0 points_failed=0

# result NAME STATUS [LOG]: print a point. A failed one shows the end of LOG and, in a test host,
# that of the kernel's log.
result() {
	points=$((points + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $points - $1"
		return
	fi
	points_failed=$((points_failed + 1))
	echo "not ok $points - $1"
	[ -z "${3:-}" ] || tail -n 80 "$3" | sed 's/^/# /'
	[ ! -e /rvhv ] || dmesg | tail -n 10 | sed 's/^/# host: /'
}

# point NAME COMMAND...: run COMMAND; its status is the result.
point() {
	point_name=$1 point_status=0
	shift
	"$@" || point_status=$?
	result "$point_name" "$point_status"
}

# points_end: print the plan. Fails if a point failed.
points_end() {
	echo "1..$points"
	[ "$points_failed" -eq 0 ]
}

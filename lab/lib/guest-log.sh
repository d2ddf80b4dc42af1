# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by scripts that run guests: in the test host and in a guest.

# guest_well LOG CPUS [BOOTS]: check the console of a guest that booted BOOTS times (1): it reached
# userspace, powered off, saw CPUS processors, and its kernel reported nothing.
guest_well() {
	for guest_line in 'Linux userspace reached' '^=== rvhv guest: off'; do
		grep -q "$guest_line" "$1" || { echo "# missing: $guest_line"; return 1; }
	done
	guest_seen=$(grep -c '^processor' "$1")
	if [ "$guest_seen" -ne $(($2 * ${3:-1})) ]; then
		echo "# $guest_seen processors in ${3:-1} boots, $2 expected in each"
		return 1
	fi
	! grep -E 'Kernel panic|Oops|BUG:|WARNING:|rcu:.*stall' "$1" | sed 's/^/# guest: /' | grep .
}

# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by scripts that run in the test host, where lab/host puts it with what it sources.

# shellcheck source=lab/lib/points.sh
. ./points.sh
# shellcheck source=lab/lib/guest-log.sh
. ./guest-log.sh

uptime_s() { cut -d. -f1 /proc/uptime; }

load_rvhv() {
	insmod rvhv.ko || return
	echo "# $(uname -sr), $(nproc) CPUs; $(dmesg | grep -o 'rvhv: H.*' | tail -n 1)"
}

kernel_reports='WARNING:|BUG:|Oops|Call Trace|Unable to handle|KASAN|UBSAN|possible circular|'
kernel_reports="${kernel_reports}sleeping function|rcu:.*(INFO|stall)|blocked for more than"

# quiet_kernel: fails if the kernel's log has one of these, and prints it.
quiet_kernel() { ! dmesg | grep -E "$kernel_reports" | sed 's/^/# host: /' | grep .; }

# until_log FILE TEXT [SECONDS [PID]]: wait until FILE contains TEXT, for SECONDS (30) at most and
# while process PID lives.
until_log() {
	until_tries=0
	until grep -qs "$2" "$1"; do
		until_tries=$((until_tries + 1))
		if [ $until_tries -gt $((${3:-30} * 10)) ] || ! kill -0 "${4:-$$}" 2>/dev/null; then
			echo "# not printed: $2"
			return 1
		fi
		sleep 0.1
	done
}

set_cpu1() { echo "$1" >/sys/devices/system/cpu/cpu1/online; }

# The VMM's processes join this control group to have their memory limited and swapped out.
vmm_group=/sys/fs/cgroup/vmm

swap_on() {
	if ! { modprobe zram && echo 512M >/sys/block/zram0/disksize &&
		mkswap /dev/zram0 >/dev/null && swapon /dev/zram0; }; then
		echo "# no swap"
		return 1
	fi
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir $vmm_group
}

swap_off() {
	rmdir $vmm_group
	swapoff /dev/zram0 && rmmod zram
}

swapped() { sed -n "s/^pswp$1 //p" /proc/vmstat; }

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/selftests-kvm.sh [-d DEVICES] [stock|7.2|debug [TEST...]]
	Run Linux 6.12's own KVM self-tests on kvm.ko and then on rvhv.ko in one boot of the host. Prints
	a table and the differences, and at the end 'N passed, N failed, N skipped' for the last device.
	Status 1 if a test passes on kvm.ko and not on rvhv.ko, or if the kernel reported something
	under rvhv.ko.
	  -d DEVICES  "kvm rvhv" (default), "kvm kvm" (shows how stable the table is), "kvm", "rvhv"
	Logs are kept in out/selftests-kvm/.
	TEXT
}

# Seconds allowed, test, options. The options make a test that is sized for hardware fit an emulated
# machine:
#   -m 6        one guest mode only, the default (P40V48_4K), instead of all three
#   -v, -b      vCPUs, and memory for each (default 1 vCPU and 1 GiB)
#   -u, -s      demand paging by userfaultfd, of which kind; the backing memory
#   arch_timer -e 200000         allow an interrupt to be 200 ms late on a loaded machine
#   dirty_log_test -i 8 -I 100   8 rounds of 100 ms instead of 32 of 10: on a loaded machine a write
#               may take more than two rounds of 10 ms, and the test then sees an old value
#   memslot_perf_test -l 1 -s 64 -f -e   one second each instead of five, 64 slots instead of
#               32,767, first and last part: 0 to 2 map and unmap, 3 moves an active area (kvm.ko
#               may fail: EFAULT while the slot moves), 4 moves an inactive one, 5 reads and writes
# set_memory_region_test makes 32,767 slots, hence its 300 seconds.
tests() {
	cat <<-'TABLE'
	60  kvm_create_max_vcpus
	60  guest_print_test
	60  ebreak_test
	60  kvm_binary_stats_test
	90  coalesced_io_test
	300 set_memory_region_test
	120 demand_paging_test -m 6 -v 2 -b 4M
	120 demand_paging_test -m 6 -v 2 -b 2M -u MISSING
	120 demand_paging_test -m 6 -v 2 -b 2M -u MINOR -s shmem
	90  arch_timer -e 200000
	90  get-reg-list
	120 kvm_page_table_test -m 6 -v 2 -b 4M
	120 kvm_page_table_test -m 6 -v 2 -b 8M -s anonymous_hugetlb_2mb
	120 dirty_log_test -m 6 -M dirty-log -i 8 -I 100
	120 dirty_log_test -m 6 -M clear-log -i 8 -I 100
	120 dirty_log_perf_test -m 6 -v 2 -b 4M
	120 memslot_modification_stress_test -m 6 -v 2 -b 4M
	120 memslot_perf_test -l 1 -s 64 -f 0 -e 2
	120 memslot_perf_test -l 1 -s 64 -f 3 -e 3
	120 memslot_perf_test -l 1 -s 64 -f 4 -e 5
	120 rseq_test
	TABLE
}

# Sizes that no option sets: test, definition in its source, definition here.
smaller() {
	cat <<-'TABLE'
	dirty_log_test    DIRTY_MEM_BITS=30         DIRTY_MEM_BITS=26
	memslot_perf_test MEM_SIZE=(SZ_512M         MEM_SIZE=(SZ_32M
	memslot_perf_test MEM_TEST_UNMAP_SIZE=SZ_128M MEM_TEST_UNMAP_SIZE=SZ_16M
	rseq_test         NR_TASK_MIGRATIONS=100000 NR_TASK_MIGRATIONS=3000
	TABLE
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"

devices='kvm rvhv'
while getopts d: opt; do
	case $opt in
	d) devices=$OPTARG ;;
	*) wrong_usage ;;
	esac
done
shift $((OPTIND - 1))
kernel=${1:-stock}
[ $# -eq 0 ] || shift
case " $devices " in ' kvm rvhv ' | ' kvm kvm ' | ' kvm ' | ' rvhv ') ;; *) wrong_usage ;; esac

mktests() {
	local dir=$1
	shift
	inroot nice -n 5 make -s -C "$KVM_TESTS" OUTPUT="$dir/bin" VPATH="$dir/smaller" \
		ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- KHDR_INCLUDES="-isystem $dir/usr/include" \
		LDFLAGS="-static -pthread" -j"$(nproc)" "$@"
}

make_smaller() {
	local name from to
	smaller | while read -r name from to; do
		[ -e "$1/$name-lab.c" ] || cp "$KVM_TESTS/$name.c" "$1/$name-lab.c"
		NAME=${from%%=*} FROM=${from#*=} TO=${to#*=} perl -pi -e '
			$n += s/^(#define\s+$ENV{NAME}\s+)\Q$ENV{FROM}\E/$1$ENV{TO}/;
			END { exit !$n }' "$1/$name-lab.c" || die "$name has no $from"
	done
}

make_selftests() {
	local dir names name path first=() second=()
	dir=$(newdir selftests-kvm)
	mkdir "$dir/tests" "$dir/smaller"
	make_smaller "$dir/smaller"
	log_to "$CACHE/log/selftests-kvm-headers" inroot make -s -C "$CACHE/src/6.12" \
		O="$dir/hdr" ARCH=riscv INSTALL_HDR_PATH="$dir/usr" headers_install
	mapfile -t names < <(tests | awk '{ print $2 }' | sort -u)
	for name in "${names[@]}"; do
		path=$name
		# If both files exist, the one in riscv/ is no program of its own.
		[ -e "$KVM_TESTS/$name.c" ] || path=riscv/$name
		[ ! -e "$dir/smaller/$name-lab.c" ] || path=$name-lab
		# 6.12 does not list these for riscv: they lack an include that x86 has by chance.
		case $name in
		memslot_*) second+=("$path") ;;
		*) first+=("$path") ;;
		esac
	done
	# This variable of the Makefile replaces riscv's list of tests.
	log_to "$CACHE/log/selftests-kvm" mktests "$dir" "TEST_GEN_PROGS_riscv=${first[*]}"
	log_to "$CACHE/log/selftests-kvm-2" mktests "$dir" "TEST_GEN_PROGS_riscv=${second[*]}" \
		EXTRA_CFLAGS="-include ucall_common.h"
	for path in "${first[@]}" "${second[@]}"; do
		name=${path#riscv/}
		inroot riscv64-linux-gnu-strip -o "$dir/tests/${name%-lab}" "$dir/bin/$path"
	done
	rm -rf "${dir:?}"/{bin,hdr,usr}
	publish selftests-kvm
}

build_key() {
	{
		declare -f make_selftests make_smaller mktests smaller
		tests | awk '{ print $2 }' | sort -u
		cat "$CACHE/stamp/src-6.12"
	} | key -
}

KVM_TESTS=$CACHE/src/6.12/tools/testing/selftests/kvm
prepare_root
"$LAB/source" 6.12 >/dev/null
piece selftests-kvm "$(build_key)" make_selftests

results=$OUT/selftests-kvm
rm -rf "$results"
mkdir -p "$results"
tests | while read -r limit name options; do
	if [ $# -eq 0 ] || [[ " $* " == *" $name "* ]]; then
		# A kernel with checkers is several times slower.
		[ "$kernel" != debug ] || limit=$((limit * 5))
		echo "$limit $name $options"
	fi
done | sed 's/ *$//' >"$results/tests"
[ -s "$results/tests" ] || die "no such test"

files=(-f "$CACHE/selftests-kvm/tests:/rvhv/kvm" -f "$results/tests:/rvhv/tests")
if [[ $devices == *rvhv* ]]; then
	"$LAB/module" "$kernel"
	files+=(-f "$OUT/$kernel/rvhv.ko")
fi

# Without AIA: kvm.ko of 6.12 does not release its guest external interrupt when it is unloaded.
# The progress lines are in the console, since a host that dies leaves no results.
rc=0
"$LAB/host" -k "$kernel" -c rv64,v=on -t 3400 "${files[@]}" -o "$results" \
	"$LAB/in-host/selftests-kvm" "$devices" | tee "$results/console" || rc=$?
[ "$rc" -eq 0 ] || say "the host ended with status $rc"

inroot python3 "$LAB/lib/selftests_kvm.py" "$results" || rc=1
exit "$rc"

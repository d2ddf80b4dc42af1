# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# QEMU for the host machine: Debian's, unpacked into CACHE/qemu with all its libraries and run by
# its own loader, so it is the same on every machine. Sourced.
#
# In some versions M-mode cannot write mstatus.MPV and GVA; firmware then redirects a guest's
# illegal instruction to the host's trap vector. The first version that passes the probe is taken.
#
# RVHV_HART=1 in the environment selects the hostile hart instead (hart.sh).

# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"
# shellcheck source=lab/lib/hart.sh
. "$LAB/lib/hart.sh"

QEMU_CANDIDATES="bookworm-backports=1:10.0.2 bookworm-backports= trixie= sid="

make_qemu() {
	local dir try suite ver suites
	prepare_root
	for try in $QEMU_CANDIDATES; do
		suite=${try%%=*}
		suites=$suite
		[ "$suite" != bookworm-backports ] || suites="bookworm bookworm-backports"
		dir=$(newdir qemu)
		# shellcheck disable=SC2086
		view "qemu-$suite" $suites
		# newest runs in a subshell: if the version is gone, the next one is tried.
		ver=$(newest qemu-system-misc:amd64 "${try#*=}") || continue
		with_deps "$dir" "qemu-system-misc:amd64=$ver" -t "$suite" || continue
		trim_qemu "$dir"
		if probe_qemu "$dir" "$ver"; then
			echo "$ver" >"$dir/version"
			publish qemu
			return
		fi
	done
	die "no version of QEMU at the mirror passes the probe"
}

trim_qemu() {
	rm -rf "$1"/usr/share/{doc,man,locale,icons,help} "$1"/usr/share/qemu/edk2-*
	# The link of a merged /usr, if base-files did not make it.
	[ -e "$1/lib" ] || ln -s usr/lib "$1/lib"
	cat >"$1/qemu" <<-'RUN'
		#!/bin/sh
		here=$(dirname "$0")
		# The link /lib64 leads to the loader of the machine.
		exec "$here/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path \
		"$here/usr/lib/x86_64-linux-gnu:$here/lib/x86_64-linux-gnu:$here/usr/lib/x86_64-linux-gnu/pulseaudio" \
		"$here/usr/bin/qemu-system-riscv64" -L "$here/usr/share/qemu" "$@"
	RUN
	chmod +x "$1/qemu"
}

# probe_qemu DIR VERSION: succeeds if mstatus keeps MPV and GVA when M-mode writes them.
probe_qemu() {
	local elf=$CACHE/probe.elf rc=0
	inroot riscv64-linux-gnu-gcc -nostdlib -static -march=rv64gc -Wl,-Ttext=0x80000000 \
		-Wl,--build-id=none -o "$elf" "$LAB/probe/mpv.S" || die "cannot build the probe"
	timeout 30 "$1/qemu" -M virt -cpu max -m 64M -nodefaults -display none \
		-bios none -kernel "$elf" </dev/null >/dev/null 2>"$CACHE/log/probe" || rc=$?
	case $rc in
	0) return 0 ;;
	1) say "QEMU $2 refused: M-mode cannot write mstatus.MPV and GVA, illegal instructions of guests would reach the host" ;;
	*) say "QEMU $2 refused: the probe ended with $rc ($(tail -n 1 "$CACHE/log/probe"))" ;;
	esac
	return 1
}

prepare_qemu() {
	piece qemu "$(key "$LAB/lib/qemu.sh" "$LAB/lib/apt.sh" "$LAB/probe/mpv.S")" make_qemu
	[ -z "${RVHV_HART:-}" ] || prepare_hart
}

qemu_program() {
	if [ -n "${RVHV_HART:-}" ]; then
		echo "$CACHE/hart/qemu"
	else
		echo "$CACHE/qemu/qemu"
	fi
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/check.sh [CHECK]...
	Check the tree's form: all checks, or those named. Every check runs; the status is 1 if any
	failed. What a check found stands below its line.
	  checkpatch  the kernel's checkpatch.pl --strict
	  sparse      the module for the stock kernel with W=1, warnings as errors, and sparse
	  tools       the userspace programs, warnings as errors
	  kerneldoc   kernel-doc comments
	  includes    who may include whom
	  locks       every lock is described in Documentation/locking.rst
	  shell       shellcheck
	  licences    an SPDX line in every source file
	  words       no marks of unfinished work, no BUG() and panic()
	  docs        the documentation, by Sphinx, warnings as errors
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"

all=(checkpatch sparse tools kerneldoc includes locks shell licences words docs)
case ${1:-} in
-*) usage; exit ;;
esac
[ $# -gt 0 ] || set -- "${all[@]}"

cd "$PROJECT"
scratch=$OUT/check
mkdir -p "$scratch/log"

# files FIND-EXPRESSION...: files of the tree that satisfy it, one a line.
files() {
	find . \( -path ./out -o -path ./.git \) -prune -o -type f \( "$@" \) -print | sort
}

c_files() { files -name '*.[chS]'; }

# Shell: what says so in its first line, and the parts that are sourced.
shell_files() {
	files -name '*.sh'
	files ! -name '*.*' -perm -u+x | while read -r file; do
		head -n 1 "$file" | grep -Eq '^#!.*[ /](ba)?sh$' && echo "$file"
	done
	for file in lab/in-host/init lab/in-guest/init; do
		[ -x "$file" ] || echo "./$file"
	done
}

# patches IGNORED-TYPES FILE...: checkpatch. It leaves a file in the working directory.
patches() (
	ignored=$1
	shift
	[ $# -gt 0 ] || exit 0
	script=$("$LAB/source" 6.12)/scripts/checkpatch.pl
	cd "$scratch"
	printf '%s\n' "${@/#./$PROJECT}" |
		inroot xargs -P "$(nproc)" -n 12 nice perl "$script" --strict --no-tree --no-signoff \
			--show-types --terse --max-line-length=100 --ignore "$ignored" -f |
		sed "/^total: /d; s|^$PROJECT/||"
)

check_checkpatch() {
	local ignore rc=0 list
	# Locks are described in the kernel-doc of the structure they stand in. A macro that makes a
	# row of a constant table names an argument twice; an initialiser has no side effects.
	ignore=UNCOMMENTED_DEFINITION,MACRO_ARG_REUSE
	mapfile -t list < <(c_files | grep -Ev '^\./(tools/|(include/)?compat\.|(.*/)?trace\.h)')
	patches "$ignore" "${list[@]}" || rc=1

	# compat.h and compat.c are the place for kernel versions; KERNEL_VERSION() looks like a
	# constant to checkpatch, and the rows of a table are no expression.
	patches "$ignore,LINUX_VERSION_CODE,CONSTANT_COMPARISON,COMPLEX_MACRO" \
		./compat.c ./include/compat.h || rc=1

	# Trace events have a layout of their own in all of the kernel.
	mapfile -t list < <(c_files | grep -E '/trace\.h$' | grep -v '^\./tools/')
	patches "$ignore,PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE" "${list[@]}" || rc=1

	# Userspace has neither the kernel's macros (ARRAY_SIZE, BIT, __packed) nor its accessors
	# that take the place of volatile; guests and the kselftest harness are built of macros.
	ignore+=,ARRAY_SIZE,BIT_MACRO,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE
	ignore+=,MACRO_WITH_FLOW_CONTROL,COMPLEX_MACRO
	mapfile -t list < <(c_files | grep '^\./tools/')
	patches "$ignore" "${list[@]}" || rc=1
	return "$rc"
}

# The module in a directory of its own, so that nobody's build is changed. sparse only warns: what it
# says about our files is an error.
check_sparse() {
	local log=$scratch/log/module
	RVHV_OUT=$scratch "$LAB/module" stock W=1e C=2 CHECK="$LAB/lib/sparse" >"$log" 2>&1 || { cat "$log"; return 1; }
	if grep -E '(warning|error):' "$log"; then
		return 1
	fi
}

check_tools() {
	local log=$scratch/log/make-tools
	inroot make -s -C "$PROJECT/tools" O="$scratch/tools" KSRC="$("$LAB/source" 6.12)" \
		CFLAGS='-O2 -g -Werror' >"$log" 2>&1 || { cat "$log"; return 1; }
}

check_kerneldoc() {
	local list
	mapfile -t list < <(c_files | grep -v '^\./tools/' | grep '\.[ch]$')
	inroot perl "$("$LAB/source" 6.12)/scripts/kernel-doc" -Werror -Wall -none "${list[@]}" 2>&1 |
		sed 's|^\./||'
}

check_includes() { inroot lab/check-includes; }

check_locks() { inroot lab/check-locks; }

check_shell() {
	local list
	mapfile -t list < <(shell_files | sort -u)
	inroot shellcheck -x "${list[@]}"
}

check_licences() {
	local file rc=0
	while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' && continue
		echo "$file: no SPDX line in the first three"
		rc=1
	done < <(
		c_files
		shell_files
		files -name '*.py' -o -name '*.rst' -o -name '*.config' -o -name '*.lds' -o \
			-name Makefile -o -name Kbuild -o -name Kconfig -o -name 'dkms.conf' -o -name '*.rules'
	)
	return "$rc"
}

# The words are written so that this file does not contain them.
check_words() {
	local rc=0
	if grep -rnIwE --exclude-dir=out --exclude-dir=.git 'TOD[O]|FIXM[E]|XX[X]|HAC[K]' .; then
		rc=1
	fi
	if grep -rnE --include='*.[ch]' --exclude-dir=out --exclude-dir=tools \
		'\b(BUG(_ON)?|panic)\(' .; then
		rc=1
	fi
	return "$rc"
}

check_docs() { log_to "$scratch/log/sphinx" "$LAB/docs.sh"; }

prepare_root
"$LAB/source" 6.12 >/dev/null
failed=0
for name; do
	declare -F "check_$name" >/dev/null || die "no check $name; there are: ${all[*]}"
	t0=$SECONDS
	if (check_"$name") >"$scratch/log/$name" 2>&1; then
		printf '%-10s ok (%d s)\n' "$name" $((SECONDS - t0))
	else
		printf '%-10s FAILED (%d s)\n' "$name" $((SECONDS - t0))
		sed 's/^/    /' "$scratch/log/$name"
		failed=$((failed + 1))
	fi
done
echo "check: $(($# - failed)) ok, $failed failed"
[ "$failed" -eq 0 ]

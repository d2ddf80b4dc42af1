#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only

usage() {
	cat <<-'TEXT'
	usage: lab/check.sh [CHECK]...
	Check the form of the tree: all checks, or those named. A failed check does not stop the others;
	its findings are printed below its line. Status 1 if any failed.
	  checkpatch  the kernel's checkpatch.pl --strict
	  sparse      the module for the stock kernel with W=1, warnings as errors, and sparse
	  tools       the userspace programs, warnings as errors
	  kerneldoc   kernel-doc comments
	  includes    who may include whom
	  locks       every lock is described in Documentation/locking.rst
	  atp         one place writes hgatp, vsatp and henvcfg
	  shell       shellcheck
	  licences    an SPDX line in every source file
	  sizes       no function over 60 lines, no source over 600, no .rst line over 100 columns
	  words       no marks of unfinished work, no BUG() and panic(), no phrases that
	              CONTRIBUTING.md replaces
	  lab         the lab's own programs
	  docs        the documentation: names and columns; Sphinx, warnings as errors
	TEXT
}

. "$(dirname "$0")/lib/common.sh"
# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"
# shellcheck source=lab/lib/tap.sh
. "$LAB/lib/tap.sh"

all=(checkpatch sparse tools kerneldoc includes atp locks shell licences sizes words lab docs)
case ${1:-} in
-*) wrong_usage ;;
esac
[ $# -gt 0 ] || set -- "${all[@]}"

cd "$PROJECT"
scratch=$OUT/check
mkdir -p "$scratch/log"

files() {
	find . \( -path ./out -o -path ./.git \) -prune -o -type f \( "$@" \) -print | sort
}

c_files() { files -name '*.[chS]'; }

# Shell scripts, by their name, their first line or their folder.
shell_files() {
	{
		files -name '*.sh'
		files ! -name '*.*' -perm -u+x -exec grep -qE -m 1 '^#!.*[ /](ba)?sh$' {} ';'
		files ! -name nested-cases '(' -path './lab/in-host/*' -o -path './lab/in-guest/*' ')'
	} | sort -u
}

# patches IGNORED-TYPES FILE...: run checkpatch, which leaves a file in the working directory.
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
	# The kernel-doc of a structure describes its locks. A macro for the row of a constant table may
	# use an argument twice, as an initialiser has no side effects, or leave it to another table.
	ignore=UNCOMMENTED_DEFINITION,MACRO_ARG_REUSE,MACRO_ARG_UNUSED
	mapfile -t list < <(c_files |
		grep -Ev '^\./(tools/|lab/hart/|(include/)?compat\.|(.*/)?trace\.h|vcpu/vs_csrs\.h)')
	patches "$ignore" "${list[@]}" || rc=1

	# Kernel versions belong into compat.h and compat.c. checkpatch takes KERNEL_VERSION() for a
	# constant and the rows of a table for an expression.
	patches "$ignore,LINUX_VERSION_CODE,CONSTANT_COMPARISON,COMPLEX_MACRO" \
		./compat.c ./include/compat.h || rc=1

	# A list of names is expanded to declarations and statements.
	expanded=COMPLEX_MACRO,MULTISTATEMENT_MACRO_USE_DO_WHILE,TRAILING_SEMICOLON
	expanded+=,MACRO_ARG_PRECEDENCE
	patches "$ignore,$expanded" ./vcpu/vs_csrs.h || rc=1

	# Trace events have their own layout in the kernel.
	mapfile -t list < <(c_files | grep -E '/trace\.h$' | grep -v '^\./tools/')
	patches "$ignore,PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE" "${list[@]}" || rc=1

	# Userspace has neither the kernel's macros (ARRAY_SIZE, BIT, __packed) nor its replacements for
	# volatile. Guests and the kselftest harness are built of macros.
	ignore+=,ARRAY_SIZE,BIT_MACRO,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE
	ignore+=,MACRO_WITH_FLOW_CONTROL,COMPLEX_MACRO
	mapfile -t list < <(c_files | grep '^\./tools/')
	patches "$ignore" "${list[@]}" || rc=1
	return "$rc"
}

# Builds in a directory of its own. A warning of sparse does not fail the build, so the log is
# searched.
check_sparse() {
	local log=$scratch/log/module
	RVHV_OUT=$scratch "$LAB/module" stock W=1e C=2 CHECK="$LAB/lib/sparse" >"$log" 2>&1 ||
		{ cat "$log"; return 1; }
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

check_atp() {
	! grep -rnE 'csr_[a-z_]+\(CSR_(HGATP|VSATP|HENVCFG),' --include='*.[chS]' guest_mem irq sbi uapi vcpu \
		./*.c | grep -v '^guest_mem/atp\.h:'
}

check_locks() { inroot lab/check-locks; }

check_shell() {
	local list
	mapfile -t list < <(shell_files)
	inroot shellcheck -x "${list[@]}"
}

# lab/hart becomes part of QEMU.
check_licences() {
	{
		c_files
		shell_files
		files -name '*.py' -o -name '*.rst' -o -name '*.config' -o -name '*.lds' -o \
			-name Makefile -o -name Kbuild -o -name Kconfig -o -name 'dkms.conf' -o -name '*.rules'
	} | xargs awk '
		FNR == 1 && NR > 1 && !found { print last ": no SPDX line in the first three"; rc = 1 }
		FNR == 1 { found = 0; last = FILENAME }
		FNR <= 3 && /SPDX-License-Identifier: GPL-2.0-only/ { found = 1 }
		FNR <= 3 && FILENAME ~ /^\.\/lab\/hart\// && /GPL-2.0-or-later/ { found = 1 }
		END { if (!found) { print last ": no SPDX line in the first three"; rc = 1 } exit rc }
	'
}

# The body of a function lies between two lines that are a brace alone.
check_sizes() {
	local rc=0
	c_files | xargs awk '
		/^{$/ { start = FNR }
		/^}/ {
			if (start && FNR - start - 1 > 60) {
				print FILENAME ":" start ": a function of " FNR - start - 1 " lines"
				rc = 1
			}
			start = 0
		}
		END { exit rc }
	' || rc=1
	{ c_files; shell_files; files -name '*.py'; } | xargs awk '
		FNR == 601 { print FILENAME ": over 600 lines"; rc = 1 }
		END { exit rc }
	' || rc=1
	! files -name '*.rst' | LC_ALL=C.UTF-8 xargs grep -HnE '^.{101}' || rc=1
	return "$rc"
}

phrases="\\b(any|no)body\\b|of the [a-z0-9]+'s([.,;:)]| [*]/)|that is none|which it is not"

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
	if grep -rniE --include='*.[chS]' --include='*.rst' --include='*.md' --exclude-dir=out \
		--exclude=CONTRIBUTING.md "$phrases" .; then
		rc=1
	fi
	return "$rc"
}

# counts EXPECTED STATUS LINE...: check the count of a step that printed these lines.
counts() {
	local want=$1 status=$2 got
	shift 2
	got=$(printf '%s\n' "$@" | tap_count "$status")
	[ "$got" = "$want" ] && return
	echo "tap_count: $got, expected $want, of:"
	printf '    %s\n' "$@"
	return 1
}

check_lab() {
	inroot lab/lib/difftest-compare --self-test
	counts '1 0 1' 0 '1..2' 'ok 1 a' $'ok 2 b # SKIP none\r'
	counts '1 1 0' 0 '1..2' 'ok 1 a'
	counts '1 1 0' 1 'ok 1 a' 'not ok 2 b'
	counts '1 1 0' 1 'ok 1 a'
	counts '0 1 0' 0 'no test'
	counts '7 0 2' 0 '1..9' 'ok 1 a' '3 passed, 0 failed, 1 skipped' 'ok 1 b' \
		'4 passed, 0 failed, 1 skipped'
	counts '5 3 1' 1 'Testing complete. Ran 9 tests: passed: 5, failed: 2, crashed: 1, skipped: 1'
}

check_docs() {
	inroot lab/check-docs && log_to "$scratch/log/sphinx" "$LAB/docs.sh"
}

prepare_root
"$LAB/source" 6.12 >/dev/null
failed=0
for name; do
	declare -F "check_$name" >/dev/null || die "no check $name; there are: ${all[*]}"
	t0=$SECONDS
	set +e
	( set -e; check_"$name" ) >"$scratch/log/$name" 2>&1
	rc=$?
	set -e
	if [ "$rc" -eq 0 ]; then
		printf '%-10s ok (%d s)\n' "$name" $((SECONDS - t0))
	else
		printf '%-10s FAILED (%d s)\n' "$name" $((SECONDS - t0))
		sed 's/^/    /' "$scratch/log/$name"
		failed=$((failed + 1))
	fi
done
echo "check: $(($# - failed)) ok, $failed failed"
[ "$failed" -eq 0 ]

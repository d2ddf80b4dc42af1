# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sphinx, its theme and Graphviz: Debian's, unpacked into CACHE/sphinx and run in the root. Sourced.

# shellcheck source=lab/lib/root.sh
. "$LAB/lib/root.sh"

make_sphinx() {
	local dir python
	dir=$(newdir sphinx)
	python=$dir/usr/lib/python3/dist-packages
	view trixie trixie
	# base-files has the links of a merged /usr.
	with_deps "$dir" base-files python3-sphinx furo
	# Only Python code and the files of the themes are used.
	find "$dir" -mindepth 1 -maxdepth 1 ! -name usr -exec rm -rf {} +
	rm -rf "${dir:?}"/usr/{bin,sbin,lib/x86_64-linux-gnu,share/doc,share/locale,share/man}
	# Debian's packages have fixed paths to their data; a package script makes one of the files.
	cat "$dir"/usr/share/ca-certificates/mozilla/*.crt >"$dir/usr/share/ca.crt"
	sed -i "s|'/usr/share/|'$CACHE/sphinx/usr/share/|" "$python/sphinx/__init__.py" \
		"$python/docutils/__init__.py"
	sed -i "s|/etc/ssl/certs/ca-certificates.crt|$CACHE/sphinx/usr/share/ca.crt|" \
		"$python/certifi/core.py"
	make_dot "$dir/dot"
	publish sphinx
}

# Without its Pango plugin dot measures text by built-in tables, so a drawing is the same on every
# machine. The name of the program selects the layout.
make_dot() {
	local dir=$1 lib=$1/usr/lib/x86_64-linux-gnu
	mkdir "$dir"
	alone "$dir" libgvc6 libcgraph6 libcdt5 libpathplan4 libxdot4 libltdl7 libexpat1 zlib1g
	find "$lib/graphviz" -name 'libgvplugin_*' ! -name '*_core.*' ! -name '*_dot_layout.*' -delete
	mv "$lib" "$dir/lib"
	mkdir "$dir/bin"
	mv "$dir/usr/sbin/libgvc6-config-update" "$dir/bin/dot"
	rm -rf "${dir:?}/usr"
	cat >"$dir/dot" <<-'SCRIPT'
		#!/bin/sh
		here=${0%/*}
		LD_LIBRARY_PATH=$here/lib GVBINDIR=$here/lib/graphviz exec "$here/bin/dot" "$@"
	SCRIPT
	chmod +x "$dir/dot"
	inroot "$dir/dot" -c
}

prepare_sphinx() {
	prepare_root
	piece sphinx "$(key "$LAB/lib/sphinx.sh" "$LAB/lib/apt.sh" "$CACHE/stamp/root") $CACHE" make_sphinx
}

# dot ARG...: Graphviz, in the root.
dot() { inroot "$CACHE/sphinx/dot/dot" "$@"; }

# sphinx BUILDER DIR: build Documentation/; a warning is an error. kernel-doc is the kernel's.
sphinx() {
	inroot env PYTHONPATH="$CACHE/sphinx/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1 \
		RVHV_KERNEL_SOURCE="$("$LAB/source" 6.12)" RVHV_DOT="$CACHE/sphinx/dot/dot" nice \
		python3 -m sphinx -b "$1" -W --keep-going -q -d "$OUT/doctrees" Documentation "$2"
}

# SPDX-License-Identifier: GPL-2.0-only
"""Sphinx configuration; `make htmldocs` (lab/docs.sh) builds it.

The kernel-doc directive and the program behind it are the kernel's: RVHV_KERNEL_SOURCE names a
kernel source tree.
"""
# pylint: disable=invalid-name
import glob
import os
import re
import sys

kernel = os.environ["RVHV_KERNEL_SOURCE"]
sys.path.insert(0, os.path.join(kernel, "Documentation", "sphinx"))

project = "rvhv"
author = "The rvhv authors"
copyright = "the rvhv authors, GPL-2.0-only"  # pylint: disable=redefined-builtin
extensions = ["kerneldoc", "sphinx.ext.graphviz"]
kerneldoc_bin = os.path.join(kernel, "scripts", "kernel-doc")
kerneldoc_srctree = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
kerneldoc_verbosity = 1

primary_domain = "c"
c_id_attributes = ["__user", "__rcu", "__percpu", "__cold", "__init"]
highlight_language = "none"
html_theme = "furo"
html_title = "rvhv"
html_static_path = ["static"]
html_css_files = ["rvhv.css"]
html_copy_source = False
graphviz_dot = os.environ["RVHV_DOT"]
graphviz_output_format = "svg"
man_pages = [("rvhv.4", "rvhv", "hypervisor for RISC-V hosts", [author], 4)]

# Files that other pages document
ELSEWHERE = {"vcpu/guest_access.c"}


def kernel_docs(match):
    """Directives for the files that one line of reference.rst names and that have kernel-doc."""
    lines = []
    for pattern in match.group(1).split():
        for path in sorted(glob.glob(pattern, root_dir=kerneldoc_srctree)):
            with open(os.path.join(kerneldoc_srctree, path), encoding="utf-8") as file:
                if path not in ELSEWHERE and re.search(r"^/\*\*$", file.read(), re.MULTILINE):
                    lines += [f".. kernel-doc:: {path}", "   :identifiers:", ""]
    return "\n".join(lines)


def expand(_app, _docname, source):
    """A line ".. kernel-docs: PATTERN..." stands for all files that match."""
    source[0] = re.sub(r"^\.\. kernel-docs: (.*)$", kernel_docs, source[0], flags=re.MULTILINE)


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", expand)

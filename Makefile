# SPDX-License-Identifier: GPL-2.0-only
#
# Commands for people: see `make help`. The kernel's build reads Kbuild, not this file. Results are
# in out/. Downloads and kernels are in the cache: RVHV_CACHE, by default ~/.cache/rvhv.

# The kernel of the test host: stock (Debian 13's 6.12), 7.2, or debug (7.2 with checkers).
KERNEL ?= stock

.DEFAULT_GOAL := help

help:
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{ printf "  make %-15s %s\n", $$1, $$2 }'
	@echo '  KERNEL=stock|7.2|debug selects the host kernel for module, demo and test'

lab: ## prepare the lab: Debian root, QEMU, stock kernel, images (two minutes)
	lab/prepare

module: ## build rvhv.ko into out/KERNEL/
	lab/module $(KERNEL)

demo: ## boot a host, load rvhv, boot Linux as a guest
	lab/demo.sh $(KERNEL)

demo-qemu: ## the same with QEMU as the VMM
	lab/demo-qemu.sh $(KERNEL)

demo-nested: ## a guest that is a hypervisor, with Debian's own kvm.ko, and a guest in it
	lab/nested.sh 2

kunit: ## KUnit: on User Mode Linux, then all suites on RISC-V
	lab/kunit uml
	lab/kunit riscv

test: ## KUnit, self-tests, guests, the differential test
	lab/test.sh $(KERNEL)

test-nested: ## guests that are hypervisors, in all mixtures
	lab/nested-mix.sh -k $(KERNEL) long

soak: ## the long forms of the tests (two hours)
	lab/soak.sh $(KERNEL)

test-debug: ## the tests on the debug kernel (KASAN, lockdep, kmemleak)
	lab/test-debug.sh

test-harts: ## the tests on harts that use the liberties of the specification (hours)
	lab/test-harts.sh -k $(KERNEL)

selftests-kvm: ## Linux's own KVM self-tests on /dev/rvhv
	lab/selftests-kvm.sh $(KERNEL)

bench: ## costs of exits on /dev/rvhv and on /dev/kvm
	lab/bench.sh

check: ## checkpatch, sparse, kernel-doc, include rules, shellcheck, Sphinx
	lab/check.sh

htmldocs: ## build the documentation into out/html
	lab/docs.sh

clean: ## remove out/
	rm -rf out

distclean: clean ## remove the cache too
	lab/prepare --remove

.PHONY: help lab module demo demo-qemu demo-nested kunit test test-nested soak test-debug \
	test-harts selftests-kvm bench check htmldocs clean distclean

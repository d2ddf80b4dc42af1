# SPDX-License-Identifier: GPL-2.0-only
"""The machine kunit.py boots for `lab/kunit riscv`: kunit.py --qemu_config=lab/lib/qemu_config.py.

qemu-system-riscv64 is the lab's, which lab/kunit puts first in PATH; it finds its firmware by
itself. What the kernel needs stands in kunit/kunitconfig.riscv.
"""

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(linux_arch='riscv',
			   kconfig='',
			   qemu_arch='riscv64',
			   kernel_path='arch/riscv/boot/Image',
			   kernel_command_line='console=ttyS0 panic=-1',
			   extra_qemu_params=['-machine', 'virt', '-cpu', 'max', '-smp', '2'])

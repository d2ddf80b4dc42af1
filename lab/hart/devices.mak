# SPDX-License-Identifier: GPL-2.0-only
#
# The devices of the machine that lab/host boots.
CONFIG_RISCV_VIRT=y
CONFIG_PCI=y
CONFIG_VIRTIO_PCI=y
CONFIG_VIRTIO_SERIAL=y
CONFIG_VIRTIO_BLK=y

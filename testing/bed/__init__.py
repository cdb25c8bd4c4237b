# SPDX-License-Identifier: GPL-2.0-or-later
"""The test bed: runs scenarios in strongSwan's KVM format without KVM."""

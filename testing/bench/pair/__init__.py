# SPDX-License-Identifier: GPL-2.0-or-later
"""Two charons on this machine, without an IPsec kernel, for measurements."""

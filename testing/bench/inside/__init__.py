# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts of the test bed, with an IPsec kernel, for measurements."""

# SPDX-License-Identifier: GPL-2.0-or-later
"""An implementation of the COI protocol, version 1, made from docs/PROTOCOL.md alone.

For tests only: it is slow, and its arithmetic does not take constant time.
"""

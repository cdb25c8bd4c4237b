# SPDX-License-Identifier: GPL-2.0-or-later
"""What testing/dark sends, and how it hears what comes back."""

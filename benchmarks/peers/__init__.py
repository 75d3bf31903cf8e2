# Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Other systems that do the same work: each may be absent, which is then said."""

ABSENT = {}


def miss(name, reason):
    """Notes once that a peer does not take part, or not in something."""
    reason = str(reason).strip().splitlines()[0] if str(reason).strip() else "no reason given"
    if ABSENT.get(name) != reason:
        ABSENT[name] = reason
        print(f"  without {name}: {reason}", flush=True)

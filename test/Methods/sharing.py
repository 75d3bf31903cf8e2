"""Computes once what several rows need."""

import functools
import threading


def once(method):
    """Keeps what `method` gives for its arguments by position, also among threads."""
    known, lock = {}, threading.RLock()

    @functools.wraps(method)
    def call(self, *arguments, **more):
        with lock:
            place = known.setdefault(arguments, [threading.RLock()])
        with place[0]:
            if len(place) == 1:
                place.append(method(self, *arguments, **more))
        return place[1]

    return call

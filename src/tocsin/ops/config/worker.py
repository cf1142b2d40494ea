"""What the room does by itself: closes sessions at their deadline, solves musters.

What is to be done stands in the tables, and each step is one transaction: a worker killed at any moment leaves either the
whole step or none of it, and the next one goes on.
"""

import logging
import os
import signal
import threading

PAUSE_S = 1.0
log = logging.getLogger(__name__)


def run(stop: threading.Event) -> None:
    """Work until told to stop."""
    from django.db import close_old_connections

    from tocsin.ops.activation import services

    while not stop.is_set():
        close_old_connections()
        busy = False
        for step in services.STEPS:
            try:
                busy |= step()
            except Exception:  # one step that fails must not keep the others from being done
                log.exception("%s failed; it is tried again", step.__name__)
        if not busy:
            stop.wait(PAUSE_S)


def main() -> None:
    """Entry point of the worker process."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.ops.config.settings")
    django.setup()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(stop)


if __name__ == "__main__":
    main()

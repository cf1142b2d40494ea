"""The process that reading processes are forked from. It imports nothing heavy, so that a command can start it first of all."""

import multiprocessing
import signal
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext


def start_server() -> ForkServerContext:
    """Start the process that workers are forked from, unless it runs; it loads the readers while its parent does other things."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tocsin.pipeline.preload"])
    # An interrupt is for the run to handle; the server, still importing, would print a traceback.
    resource_tracker.ensure_running()  # first: it unblocks what the server is to start with
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return context

import signal

import pytest


@pytest.fixture
def signals_kept():
    """Commands take signals for themselves; after the test they are as they were."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, handlers, strict=True):
        signal.signal(number, handler)

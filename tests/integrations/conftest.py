from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.integrations.shop import Shop, config_for
from vtexmon.sandbox import running_sandbox


@pytest.fixture
def open_shop() -> Iterator[Callable[..., Shop]]:
    """Opens a sandbox with its configuration; ``catalog`` and ``regional`` change single settings."""
    with ExitStack() as stack:

        def build(sandbox: dict[str, Any] | None = None, **changes: Any) -> Shop:
            running = stack.enter_context(running_sandbox(**(sandbox or {})))
            return Shop(running, config_for(running, **changes))

        yield build


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.bench import make_template
from tests.fuzz.schools import Situation, Ward

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def open_ward() -> Iterator[Callable[[Situation], Ward]]:
    """Opens a ward in a situation, on a disk that does not wait where there is one; the caller closes it."""
    folder = Path(tempfile.mkdtemp(prefix="vtexmon-", dir=MEMORY if MEMORY.is_dir() else None))
    template, numbers = make_template(folder), itertools.count()

    def build(situation: Situation) -> Ward:
        own = folder / str(next(numbers))
        own.mkdir()
        ward = Ward.open(template, own)
        situation(ward)
        return ward

    yield build
    shutil.rmtree(folder, ignore_errors=True)

"""``python -m vtexmon`` is ``vtexmon``."""

from vtexmon.cli.main import run

run()

"""The programs ours is compared with: an empty Textual app, and the first 10,000 rows in a DataTable."""

from __future__ import annotations

import sqlite3
import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static

STOCK_ROWS = 10_000
COLUMNS = ("id", "status", "module", "key_values", "attempts", "updated_at", "message")


class Empty(App[None]):
    """One static line."""

    def compose(self) -> ComposeResult:
        yield Static("pronto")


class Stock(App[None]):
    """The newest rows of the log in Textual's own table."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        connection = sqlite3.connect(self.path)
        query = f"SELECT {', '.join(COLUMNS)} FROM log ORDER BY id DESC LIMIT {STOCK_ROWS}"
        table.add_rows([[str(cell) for cell in row] for row in connection.execute(query)])
        table.focus()


if __name__ == "__main__":
    app = Empty() if sys.argv[1] == "empty" else Stock(sys.argv[2])
    app.run()

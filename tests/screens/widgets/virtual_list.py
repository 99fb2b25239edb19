"""A list of ten million rows that exists only as arithmetic, and an app that feeds a table from it."""

from __future__ import annotations

from dataclasses import replace

from textual.app import App, ComposeResult
from textual.binding import Binding

from screens.theme import THEME, Palette
from screens.widgets.columns import Column
from screens.widgets.line_table import LineTable
from screens.widgets.rows import Direction, Line, PageRequest

SIZE = 10_000_000
PAGE = 200
COLUMNS = (
    Column("id", "Id Log", 8, 8, "right", 9),
    Column("status", "Status", 11, 11, priority=8, tinted=True),
    Column("module", "Módulo", 9, 7, priority=5),
    Column("key", "Valores Chave", 19, 10, priority=7),
    Column("attempts", "Tent.", 5, 5, "right", 4),
    Column("next", "Próxima", 9, 8, priority=3),
    Column("message", "Mensagem", 40, 10, priority=6),
)
STATUSES = (("error", "✗ Erro"), ("cancelled", "⊘ Cancelado"), ("pending", "… Pendente"), ("success", "✓ Sucesso"))


def row(row_id: int, marked: bool = False) -> Line:
    style, status = STATUSES[row_id % 4]
    cells = (
        str(row_id),
        status,
        "SKU",
        f"1;12;CQ.AJUS.N-{row_id % 97}",
        "2/5",
        "em 3min",
        "Campo Title recusado",
    )
    return Line(row_id, cells, style, marked)


def page(direction: Direction, key: int | None, size: int = SIZE) -> tuple[list[Line], bool]:
    """Newest first: ids ``size`` down to 1."""
    match direction:
        case Direction.FIRST:
            first, last = size, max(size - PAGE + 1, 1)
        case Direction.LAST:
            first, last = min(PAGE, size), 1
        case Direction.AFTER:
            first = (key or 0) - 1
            last = max(first - PAGE + 1, 1)
        case Direction.BEFORE:
            last = (key or 0) + 1
            first = min(last + PAGE - 1, size)
    complete = first == size if direction in (Direction.BEFORE, Direction.LAST) else last == 1
    return [row(row_id) for row_id in range(first, last - 1, -1)], complete


class ListApp(App[None]):
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = (Binding("x", "change_cell"), Binding("i", "insert_newer"), Binding("q", "quit"))

    def __init__(self, size: int = SIZE, answers: bool = True, follow: bool = False) -> None:
        super().__init__(ansi_color=True)
        self.register_theme(THEME)
        self.theme = THEME.name
        self.size_of_list = size
        self.answers = answers
        self.follow = follow
        self.asked: list[tuple[Direction, int | None]] = []
        self.requests: list[PageRequest] = []
        self.told: list[object] = []
        self.marks: set[int] = set()

    def compose(self) -> ComposeResult:
        yield LineTable(COLUMNS, Palette(), follow=self.follow)

    def on_mount(self) -> None:
        self.table.focus()

    @property
    def table(self) -> LineTable:
        return self.query_one(LineTable)

    def action_change_cell(self) -> None:
        old = self.table.window.visible[5]
        self.table.update_rows([replace(old, cells=(*old.cells[:5], "agora", old.cells[6]))])

    def action_insert_newer(self) -> None:
        self.size_of_list += 1
        self.table.insert_newer([row(self.size_of_list)])

    def on_line_table_page_wanted(self, message: LineTable.PageWanted) -> None:
        self.asked.append((message.direction, message.key))
        self.requests.append(message.request)
        if self.answers:
            self.answer(message.request)

    def answer(self, request: PageRequest) -> bool:
        rows, complete = page(request.direction, request.key, self.size_of_list)
        return self.table.feed(request, rows, complete=complete)

    def on_line_table_cursor_moved(self, message: LineTable.CursorMoved) -> None:
        self.told.append(message.id)

    def on_line_table_opened(self, message: LineTable.Opened) -> None:
        self.told.append(("opened", message.id))

    def on_line_table_mark_toggled(self, message: LineTable.MarkToggled) -> None:
        self.marks ^= {message.id}
        self.table.remark(self.marks.__contains__)

    def on_line_table_marks_added(self, message: LineTable.MarksAdded) -> None:
        self.marks |= set(message.ids)
        self.table.remark(self.marks.__contains__)

    def on_line_table_range_marked(self, message: LineTable.RangeMarked) -> None:
        self.told.append(("range", message.anchor, message.cursor, message.ids is not None))
        self.marks |= set(message.ids or ())
        self.table.remark(self.marks.__contains__)


def shown(app: ListApp) -> list[str]:
    """What the table shows, line by line, as text."""
    table = app.table
    return ["".join(text for text, _style in table.segments_of(table.state_of(y))) for y in range(table.size.height)]


if __name__ == "__main__":
    ListApp().run(mouse=False)

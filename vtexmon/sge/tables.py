"""The tables of the source contract (DESIGN.md section 9): which columns each has, what they become, what makes a row.

A new kind of data is one more ``Table`` here. How rows are brought in (files, SQL) is left to the adapters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from vtexmon.i18n import _
from vtexmon.sge import cells
from vtexmon.sge.source import ClassKey, ClassPrice, ClassStock, Course, CourseClass, CourseKey

PERIOD_COLUMN = "periodo_letivo"
PRODUCT_NAME_LENGTH = 150
SKU_NAME_LENGTH = 200

Fields = dict[str, Any]
Value = TypeVar("Value")


class Defect(NamedTuple):
    """What is wrong with a row: the column, what it says, and the reason with what to do."""

    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Column:
    """A column: its ``name`` in the header, the ``field`` of the value type it fills, and how.

    ``key`` columns make the row's key in the order they are declared; the period's exists only where classes have it.
    """

    name: str
    field: str
    convert: cells.Converter
    key: bool = False
    one_line: bool = True


def _no_defect(fields: Fields) -> Defect | None:
    return None


@dataclass(frozen=True)
class Table(Generic[Value]):
    """One kind of row: the file and module it belongs to, its columns, and how converted fields become a value.

    ``check`` sees all fields of a row whose cells are good one by one; ``build`` may take the dictionary apart.
    """

    file: str
    module: str
    columns: tuple[Column, ...]
    build: Callable[[Fields], Value]
    check: Callable[[Fields], Defect | None] = _no_defect
    keeps_unknown: bool = False

    def columns_with(self, has_period: bool) -> tuple[Column, ...]:
        """The columns a source must have, given whether its classes have a PERIODOLETIVO."""
        return tuple(column for column in self.columns if has_period or column.name != PERIOD_COLUMN)


def _course(fields: Fields) -> Course:
    key = CourseKey(fields.pop("company"), fields.pop("branch"), fields.pop("course"))
    return Course(key=key, **fields)


def _class_key(fields: Fields) -> ClassKey:
    return ClassKey(fields.pop("company"), fields.pop("branch"), fields.pop("course_class"), fields.pop("period", ""))


def _course_class(fields: Fields) -> CourseClass:
    return CourseClass(key=_class_key(fields), **fields)


def _class_price(fields: Fields) -> ClassPrice:
    return ClassPrice(key=_class_key(fields), **fields)


def _class_stock(fields: Fields) -> ClassStock:
    return ClassStock(key=_class_key(fields), **fields)


def _class_ends_before_it_starts(fields: Fields) -> Defect | None:
    starts_on, ends_on = fields["starts_on"], fields["ends_on"]
    if starts_on is None or ends_on is None or ends_on >= starts_on:
        return None
    return Defect("data_fim", ends_on.isoformat(), _("é anterior a data_inicio; corrija uma das duas datas na origem"))


def _price_is_missing(fields: Fields) -> Defect | None:
    if fields["price_cents"] is not None:
        return None
    if fields["list_price_cents"] is None:
        return Defect("preco", "", _("está vazio; informe o preço ou retire a linha da origem"))
    return Defect("preco", "", _("está vazio embora haja preco_de; informe o preço por que se vende"))


_COMPANY = Column("codcoligada", "company", cells.key_number, key=True)
_BRANCH = Column("codfilial", "branch", cells.key_number, key=True)
_CLASS = Column("codturma", "course_class", cells.key_code, key=True)
_PERIOD = Column(PERIOD_COLUMN, "period", cells.key_code, key=True)
_ACTIVE = Column("ativo", "active", cells.flag)
_CHANGED_AT = Column("alterado_em", "changed_at", cells.as_written)

COURSES = Table(
    file="cursos.csv",
    module="product",
    columns=(
        _COMPANY,
        _BRANCH,
        Column("codcurso", "course", cells.key_code, key=True),
        Column("nome", "name", cells.name_of_at_most(PRODUCT_NAME_LENGTH)),
        Column("nivel_ensino", "education_level", cells.as_written),
        Column("categoria", "category", cells.as_written),
        Column("marca", "brand", cells.as_written),
        Column("carga_horaria", "workload_hours", cells.as_written),
        Column("descricao", "description", cells.as_written, one_line=False),
        Column("palavras_chave", "keywords", cells.as_written, one_line=False),
        Column("imagem_url", "image_url", cells.as_written),
        _ACTIVE,
        _CHANGED_AT,
    ),
    build=_course,
    keeps_unknown=True,
)

CLASSES = Table(
    file="turmas.csv",
    module="sku",
    columns=(
        _COMPANY,
        _BRANCH,
        Column("codcurso", "course", cells.parent_code),
        _CLASS,
        _PERIOD,
        Column("nome", "name", cells.name_of_at_most(SKU_NAME_LENGTH)),
        Column("turno", "shift", cells.as_written),
        Column("data_inicio", "starts_on", cells.optional_day),
        Column("data_fim", "ends_on", cells.optional_day),
        Column("horario_inicio", "starts_at", cells.optional_hour),
        Column("horario_fim", "ends_at", cells.optional_hour),
        Column("dias_semana", "weekdays", cells.as_written),
        Column("modalidade", "modality", cells.as_written),
        Column("local", "place", cells.as_written),
        Column("vagas", "seats", cells.optional_quantity),
        Column("matriculados", "enrolled", cells.optional_quantity),
        _ACTIVE,
        _CHANGED_AT,
    ),
    build=_course_class,
    check=_class_ends_before_it_starts,
    keeps_unknown=True,
)

PRICES = Table(
    file="precos.csv",
    module="price",
    columns=(
        _COMPANY,
        _BRANCH,
        _CLASS,
        Column("canal", "channel", cells.channel, key=True),
        _PERIOD,
        Column("preco", "price_cents", cells.optional_price),
        Column("preco_de", "list_price_cents", cells.optional_amount),
        _CHANGED_AT,
    ),
    build=_class_price,
    check=_price_is_missing,
)

STOCKS = Table(
    file="estoques.csv",
    module="stock",
    columns=(
        _COMPANY,
        _BRANCH,
        _CLASS,
        Column("deposito", "warehouse", cells.optional_key_code, key=True),
        _PERIOD,
        Column("quantidade", "quantity", cells.quantity),
        Column("ilimitado", "unlimited", cells.flag),
        _CHANGED_AT,
    ),
    build=_class_stock,
)

TABLES: tuple[Table[Any], ...] = (COURSES, CLASSES, PRICES, STOCKS)

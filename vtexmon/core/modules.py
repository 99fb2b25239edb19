"""The modules of the monitor (DESIGN.md section 8): id, Portuguese labels, key fields, order of dependence.

A value table that screens, filters and commands can read without importing what sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Feature(StrEnum):
    """Funcionalidade: the type of process, as the manual words it."""

    EXPORT = "Exportação de Dados"


@dataclass(frozen=True)
class ModuleInfo:
    """What everybody may know of a module. ``rank`` orders parents before children; ``bad_row_key`` see section 8."""

    id: str
    label: str
    feature: Feature
    key_fields: tuple[str, ...]
    rank: int


UNREADABLE_KEY_FIELDS = ("ARQUIVO", "LINHA")

MODULES: dict[str, ModuleInfo] = {
    module.id: module
    for module in (
        ModuleInfo("category", "Categoria", Feature.EXPORT, ("CONTA", "NOME"), 0),
        ModuleInfo("brand", "Marca", Feature.EXPORT, ("CONTA", "NOME"), 0),
        ModuleInfo("product", "Produto", Feature.EXPORT, ("CODCOLIGADA", "CODFILIAL", "CODCURSO"), 1),
        ModuleInfo("sku", "SKU", Feature.EXPORT, ("CODCOLIGADA", "CODFILIAL", "CODTURMA"), 2),
        ModuleInfo("price", "Preço", Feature.EXPORT, ("CODCOLIGADA", "CODFILIAL", "CODTURMA", "CANAL"), 3),
        ModuleInfo("stock", "Estoque", Feature.EXPORT, ("CODCOLIGADA", "CODFILIAL", "CODTURMA", "DEPOSITO"), 3),
    )
}


def label(module_id: str) -> str:
    """The Portuguese label; an id that this version does not know is shown as it is."""
    module = MODULES.get(module_id)
    return module.label if module else module_id

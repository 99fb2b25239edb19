"""Who may do what (``[access]``): the most specific wins, user over group over default."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, cast

from vtexmon.config.model import Config
from vtexmon.config.schema import ROLES

Role = Literal["leitura", "operador", "administrador"]


def role_of(config: Config, user: str, groups: Collection[str]) -> Role:
    """The role of an operating-system user; of several groups the one that may do most counts."""
    access = config.access
    by_group = [access.groups[group] for group in groups if group in access.groups]
    strongest = max(by_group, key=ROLES.index, default=access.default)
    return cast(Role, access.users.get(user, strongest))

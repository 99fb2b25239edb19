"""What must hold between keys: references, one of two, ceilings, the trust window, overlaps. One function each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from vtexmon.config.build import is_local
from vtexmon.config.lines import KeyPath
from vtexmon.config.places import suggestion
from vtexmon.config.reader import Reading
from vtexmon.config.schema import PUBLISHED_LIMITS, STAGES
from vtexmon.config.values import format_duration
from vtexmon.i18n import _

_CHANNELS = ("b2c", "b2b")
_SOURCE_KEYS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "files": (frozenset({"path"}), frozenset()),
    "sql": (frozenset({"url", "queries"}), frozenset({"user", "password"})),
    "rm-rest": (frozenset({"url", "queries"}), frozenset({"user", "password", "ca_file", "context"})),
    "rm-soap": (frozenset({"url", "queries"}), frozenset({"user", "password", "ca_file", "context"})),
}


def account_references(reading: Reading) -> None:
    """A channel names an account that exists."""
    users: list[tuple[KeyPath, Mapping[str, Any]]] = [(("catalog",), reading.values["catalog"])]
    users += [(("regionals", index), regional) for index, regional in enumerate(reading.values["regionals"])]
    known = reading.values["accounts"]
    for path, table in users:
        for channel in _CHANNELS:
            name = table[channel]
            if name is not None and name not in known:
                what = _('a conta "{name}" não existe em [accounts]').format(name=name[:40])
                reading.report((*path, channel), what, suggestion(name, known))


def stages(reading: Reading) -> None:
    """Every account that can reach VTEX says its stage, and one file has one stage."""
    found: dict[str, str] = {}
    for name, account in reading.values["accounts"].items():
        path = ("accounts", name, "stage")
        decisive = {("accounts", name, key) for key in ("stage", "base_url", "pricing_url", "reviews_url")}
        if decisive & reading.broken or account["account_name"] is None:
            continue
        stage = account["stage"] or ("sandbox" if is_local(account) else None)
        if stage is None:
            remedy = _("Escreva stage = um destes: {stages}.").format(stages=", ".join(STAGES))
            reading.report(path, _("o estágio da conta está faltando"), remedy)
            continue
        other = next((other for other, known in found.items() if known != stage), None)
        if other is not None:
            what = _('a conta está em "{stage}", mas a conta {other} está em "{known}"')
            reading.report(
                path,
                what.format(stage=stage, other=other, known=found[other]),
                _("Um banco não mistura estágios: use um arquivo e um banco para cada um."),
            )
        found[name] = stage


def schedules(reading: Reading) -> None:
    """A schedule has exactly one of ``every`` and ``cron``."""
    for name, schedule in reading.values["schedules"].items():
        path = ("schedules", name)
        if {path, (*path, "every"), (*path, "cron")} & reading.broken:
            continue
        given = [key for key in ("every", "cron") if schedule[key] is not None]
        if len(given) != 1:
            what = _("traz every e cron") if given else _("não diz quando roda")
            reading.report(path, what, _('Use um dos dois: every = "15m" ou cron = "0 6 * * *".'))


def limits(reading: Reading) -> None:
    """No limit stands above VTEX's published one."""
    for name, limit in reading.values["limits"].items():
        published = PUBLISHED_LIMITS[name]
        for key in ("rate", "burst"):
            ceiling = getattr(published, key, None)
            if ceiling is not None and limit[key] is not None and limit[key] > ceiling:
                what = _("{value:g} está acima do limite publicado pela VTEX").format(value=limit[key])
                reading.report(("limits", name, key), what, _("Use no máximo {ceiling:g}.").format(ceiling=ceiling))


def trust_window(reading: Reading) -> None:
    """A claim outlives the longest request and the quarantine after it (DESIGN.md section 4)."""
    engine = reading.values["engine"]
    needed = engine["request_deadline"] + engine["verify_grace"]
    if engine["lease"] <= needed:
        reading.report(
            ("engine", "lease"),
            _("a reserva acaba antes de se saber o que houve com uma requisição"),
            _("Use mais que request_deadline + verify_grace ({needed}).").format(needed=format_duration(needed)),
        )
    if engine["max_resend_delay"] < engine["first_resend_delay"]:
        reading.report(
            ("engine", "max_resend_delay"),
            _("é menor que first_resend_delay"),
            _("Use no mínimo {least}.").format(least=format_duration(engine["first_resend_delay"])),
        )


def regional_overlap(reading: Reading) -> None:
    """No branch belongs to two regionals, unless one names it and the other takes all; names are unique."""
    regionals = reading.values["regionals"]
    readable = [
        (index, regional)
        for index, regional in enumerate(regionals)
        if not {("regionals", index, "company"), ("regionals", index, "branches"), ("regionals", index)}
        & reading.broken
    ]
    claims: Iterable[tuple[KeyPath, Hashable]] = (
        (("regionals", index, "branches"), (regional["company"], branch))
        for index, regional in readable
        for branch in (regional["branches"] or ("*",))
    )
    for path, (company, branch), first in _repeated(claims):
        all_of_it = _("todas as filiais da coligada {company} já são da regional {other}")
        one = _("a filial {branch} da coligada {company} já é da regional {other}")
        what = (all_of_it if branch == "*" else one).format(
            branch=branch, company=company, other=regionals[first[1]]["name"]
        )
        reading.report(path, what, _("Deixe cada filial em uma só regional."))
    names = ((("regionals", index, "name"), regional["name"]) for index, regional in readable if regional["name"])
    for path, name, _first in _repeated(names):
        reading.report(path, _('já existe uma regional "{name}"').format(name=name), _("Dê outro nome."))


def finance_overlap(reading: Reading) -> None:
    """One set of payment methods for each context."""
    contexts = (
        (("finance", index), (finance["company"], finance["branch"], finance["education_level"]))
        for index, finance in enumerate(reading.values["finance"])
        if None not in (finance["company"], finance["branch"], finance["education_level"])
    )
    for path, _context, first in _repeated(contexts):
        line = reading.places.line(first)
        what = _("o mesmo contexto (coligada, filial, nível) já está na linha {line}").format(line=line)
        reading.report(path, what, _("Junte as duas tabelas."))


def source_keys(reading: Reading) -> None:
    """The source has the keys of its type and no others; without ``[source]`` a station only reads the log."""
    source = reading.values["source"]
    given = {name for name, value in source.items() if name != "type" and value not in (None, {})}
    stated = reading.places.origin(("source", "type")) != "padrão"
    if ("source", "type") in reading.broken or not (given or stated):
        return
    needed, optional = _SOURCE_KEYS[source["type"]]
    tried = {str(path[1]) for path in reading.broken if path[0] == "source" and len(path) > 1}
    for name in sorted(needed - given - tried):
        what = _('a chave é obrigatória para type = "{type}"').format(type=source["type"])
        reading.report(("source", name), what, _("Acrescente-a em [source]."))
    for name in sorted(given - needed - optional):
        what = _('a chave não se aplica a type = "{type}"').format(type=source["type"])
        reading.report(("source", name), what, suggestion(name, sorted(needed | optional)))


def _repeated(claims: Iterable[tuple[KeyPath, Any]]) -> list[tuple[KeyPath, Any, KeyPath]]:
    """Each claim of what was claimed before, with the path of the first."""
    first: dict[Any, KeyPath] = {}
    return [(path, what, first[what]) for path, what in claims if first.setdefault(what, path) != path]


CHECKS: tuple[Callable[[Reading], None], ...] = (
    account_references,
    stages,
    schedules,
    limits,
    trust_window,
    regional_overlap,
    finance_overlap,
    source_keys,
)

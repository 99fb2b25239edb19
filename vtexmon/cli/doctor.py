"""``vtexmon doctor``: prints what ``vtexmon/doctor.py`` finds."""

from __future__ import annotations

import typer

from vtexmon import doctor as examination
from vtexmon.cli.context import clock, current, load_config
from vtexmon.cli.output import print_document, print_line
from vtexmon.doctor import Check, Level
from vtexmon.errors import VtexmonError
from vtexmon.i18n import _, msg

_SIGNS = {Level.OK: "ok", Level.WARN: "!!", Level.FAIL: "XX"}
SUBJECTS = (
    msg("configuração"),
    msg("segredos"),
    msg("banco"),
    msg("integridade"),
    msg("ambiente"),
    msg("motores"),
    msg("manutenção"),
    msg("pausas"),
    msg("origem"),
    msg("conta"),
    msg("depósito"),
    msg("terminal"),
)
"""The first words of the checks' names: people read them translated, scripts read them in JSON as they are."""


def doctor() -> None:
    """Confere configuração, segredos, banco, origem, cada API de cada conta, motores, pausas e terminal.

    Nada é alterado. Termina com 0, 2 (configuração) ou 5 (VTEX ou origem inacessível, credencial recusada).
    """
    try:
        checks = examination.examine(load_config(), clock().now())
    except VtexmonError as error:
        checks = [examination.not_loaded(error)]
    failed = any(check.level is Level.FAIL for check in checks)
    if current().json:
        print_document({"ok": not failed, "checks": [_as_json(check) for check in checks]})
    else:
        for check in checks:
            print_line(f"{_SIGNS[check.level]}  {_subject(check.name)}: {check.sentence}")
            if check.remedy and check.level is not Level.OK:
                print_line(f"      → {check.remedy}")
        print_line(_("há o que corrigir") if failed else _("tudo certo"))
    raise typer.Exit(examination.exit_code(checks))


def _subject(name: str) -> str:
    subject, blank, which = name.partition(" ")
    return _(subject) + blank + which


def _as_json(check: Check) -> dict[str, str]:
    return {
        "name": check.name,
        "level": check.level.value,
        "sentence": check.sentence,
        "remedy": check.remedy,
    }

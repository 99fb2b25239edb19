"""What is asked before the program ends: only something while a bulk resend of this session is on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.widgets.dialog import Question
from vtexmon.core.formats import thousands
from vtexmon.i18n import _, ngettext

if TYPE_CHECKING:
    from screens.session import Session


def question(session: Session | None) -> Question | None:
    """The question, or None when nothing would be left half done."""
    bulk = session.bulk if session is not None else None
    if bulk is None or bulk.finished:
        return None
    left = bulk.progress.total - bulk.progress.decided
    words = ngettext("{n} registro ainda não foi reenviado.", "{n} registros ainda não foram reenviados.", left)
    return Question(
        _("Sair com um reenvio em curso"),
        (
            ((words.format(n=thousands(left)), ""),),
            ((_("Ficam na fila: outro motor os envia, ou este no próximo início."), ""),),
        ),
        _("s sai   enter fica"),
        letter="s",
    )

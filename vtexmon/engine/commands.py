"""What people may order, whatever they order it from: the command line and the screens call these and nothing deeper.

Read-only is enforced here, below every screen. Each function that writes leaves a line in the audit.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection

from vtexmon.clock import Clock
from vtexmon.config import Config
from vtexmon.core.filters import Filter
from vtexmon.core.records import LogRecord, ResendProgress
from vtexmon.core.resend_plan import ResendPlan, plan
from vtexmon.core.selection import Explicit, Matching, Selection, ordered
from vtexmon.errors import Refused, UsageError
from vtexmon.i18n import _
from vtexmon.store import audit, logs, resends, schedules, targets
from vtexmon.store.database import Database, Work

if TYPE_CHECKING:
    from vtexmon.engine.runtime import Engine

T = TypeVar("T")

ALL_ACCOUNTS = "all"


@dataclass(frozen=True)
class Operator:
    """Who gives the orders, and whether they may write."""

    name: str
    may_write: bool = True

    @classmethod
    def current(cls, may_write: bool = True) -> Operator:
        """The operating-system user."""
        return cls(getpass.getuser(), may_write)


@dataclass(frozen=True)
class Commands:
    """The orders of one operator over one database; ``engine`` is kicked where there is one in this process."""

    config: Config
    database: Database
    clock: Clock
    operator: Operator
    engine: Engine | None = None

    def plan_resend(self, selection: Explicit | Matching, visible: Filter | None = None) -> ResendPlan:
        """What a resend of the selection would do now; ``visible`` is the filter in use, for the hidden ones."""

        def work(connection: Connection) -> ResendPlan:
            hidden = logs.count_hidden(connection, selection, visible) if visible is not None else 0
            return plan(logs.plan_groups(connection, selection), self.config.retry_policy, hidden)

        return self.database.read(work)

    def select(self, selection: Selection, query: Filter, scope: Filter) -> Explicit | Matching:
        """What a resend is about, from now on: nothing marked = all Erro inside scope and filter, up to now."""
        return ordered(selection, query, scope, self.database.read(logs.highest_id))

    def resend(self, selection: Explicit | Matching, described: str, note: str = "") -> ResendProgress:
        """Order the resend; what is not eligible any more is left out. Raises ``Refused`` when read-only."""
        who = self._writer()
        now = self.clock.now()
        progress = self._write(lambda c: resends.order(c, selection, described, note, now, who))
        self._kick()
        return progress

    def stop_resend(self, resend_id: int) -> int:
        """Take back what has not been sent yet; gives how many."""
        who, now, policy = self._writer(), self.clock.now(), self.config.retry_policy
        return self._write(lambda c: resends.stop(c, resend_id, policy, now, who))

    def pause(self, account: str, until: datetime | None = None) -> list[str]:
        """Stop sending to an account, or to all; gives their names. Survives restarts."""
        who, now = self._writer(), self.clock.now()
        names = self._accounts(account)

        def work(connection: Connection) -> None:
            for name in names:
                targets.pause(connection, name, until, now, who)

        self._write(work)
        return names

    def unpause(self, account: str) -> list[str]:
        """Resume sending; gives the accounts that were paused."""
        who, now = self._writer(), self.clock.now()
        names = self._accounts(account)
        resumed = self._write(lambda c: [name for name in names if targets.unpause(c, name, now, who)])
        self._kick()
        return resumed

    def pause_schedule(self, name: str, until: datetime | None = None) -> None:
        """Stop a schedule until a time, or until it is resumed."""
        who, now = self._writer(), self.clock.now()
        self._known_schedule(name)
        self._write(lambda c: schedules.pause(c, name, until, now, who))

    def resume_schedule(self, name: str) -> bool:
        """Let a schedule run again; False when it was not paused."""
        who, now = self._writer(), self.clock.now()
        self._known_schedule(name)
        return self._write(lambda c: schedules.resume(c, name, now, who))

    def run_schedule(self, name: str) -> None:
        """Run a schedule now, in the engine of this process; its row says who asked. Raises without an engine."""
        who = self._writer()
        self._known_schedule(name)
        if self.engine is None:
            raise Refused(_("este programa está sem motor (--no-engine); use «vtexmon schedules run {0}»").format(name))
        from vtexmon.engine.schedules import run_tick

        now = self.clock.now()
        self.engine.submit(lambda context: run_tick(context, name, now, who))

    def confirm_vanished(self) -> None:
        """Say that what is gone at the source is meant to be gone, and export at once. Raises without an engine."""
        who = self._writer()
        if self.engine is None:
            raise Refused(_("este programa está sem motor (--no-engine); use «vtexmon export --confirm-vanished»"))
        from vtexmon.engine.schedules import confirm_vanished

        now = self.clock.now()
        self._write(lambda c: audit.write(c, who, "vanished_confirmed", "", now))
        self.engine.submit(lambda context: confirm_vanished(context, who))

    def find(self, log_id: int) -> LogRecord:
        """One log; raises ``UsageError`` for an unknown id."""
        found = self.database.read(lambda c: logs.find(c, log_id))
        if found is None:
            raise UsageError(_("não há registro de log com o Id {0}").format(log_id))
        return found

    def _accounts(self, account: str) -> list[str]:
        if account == ALL_ACCOUNTS:
            return sorted(self.config.accounts)
        if account not in self.config.accounts:
            known = ", ".join(sorted(self.config.accounts)) or "–"
            raise UsageError(_("a conta «{0}» não existe na configuração; existem: {1}").format(account, known))
        return [account]

    def _known_schedule(self, name: str) -> None:
        from vtexmon.engine.schedules import ACTIONS  # here: the timers are slow to import, and the rows come first

        if name not in ACTIONS:
            known = ", ".join(ACTIONS)
            raise UsageError(_("o agendamento «{0}» não existe; existem: {1}").format(name, known))

    def _writer(self) -> str:
        if not self.operator.may_write:
            raise Refused(_("somente leitura: {0} não pode enviar nem alterar").format(self.operator.name))
        return self.operator.name

    def _write(self, work: Work[T]) -> T:
        return self.database.write_now(work)

    def _kick(self) -> None:
        if self.engine is not None:
            self.engine.kick()

"""``make docs``: takes the pictures of the manual and puts them where ``<!-- tela: NAME -->`` stands.

A picture is the text of the screen at 80 × 24, as the terminal shows it.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
for name in ("NO_COLOR", "TEXTUAL_THEME", "TMUX", "STY"):
    os.environ.pop(name, None)
os.environ["TERM"] = "xterm-256color"

from textual.pilot import Pilot  # noqa: E402

from docs.world import World, world  # noqa: E402
from screens.app import MonitorApp  # noqa: E402

MANUAL = Path(__file__).parent / "manual.md"
SIZE = (80, 24)
PICTURE = re.compile(r"(<!-- tela: (?P<name>[a-z]+) -->\n)```text\n.*?```\n", re.DOTALL)
SETTLED_AFTER = 3
"""So many equal looks in a row mean that the screen has come to rest."""


class Pictures:
    """Takes pictures of one running monitor."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot
        self.taken: dict[str, str] = {}

    def text(self) -> str:
        """The screen as it is now."""
        strips = self.pilot.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    async def settled(self, until: Callable[[str], bool] = bool) -> str:
        """The screen once it has come to rest, and shows what is waited for."""
        seen: list[str] = []
        for _look in range(400):
            await self.pilot.pause(0.05)
            seen.append(self.text())
            if until(seen[-1]) and len(seen) > SETTLED_AFTER and len(set(seen[-SETTLED_AFTER:])) == 1:
                return seen[-1]
        raise TimeoutError(f"the screen did not come to rest:\n{seen[-1]}")

    async def take(self, name: str, *keys: str, shows: str, at: str = "") -> None:
        """Press keys, wait for what must be on the screen (``at``: a second thing), and keep the picture."""
        await self.pilot.press(*keys)
        self.taken[name] = await self.settled(lambda text: shows in text and at in text)


async def pictures(day: World) -> dict[str, str]:
    """The story that the manual tells."""
    await day.happen(minutes=7)
    app = MonitorApp(day.session.config, with_engine=False, open_session=lambda _config, _read_only: day.session)
    async with app.run_test(size=SIZE) as pilot:
        take = Pictures(pilot)
        await take.take("logs", shows="registros")
        await take.take("filtro", "slash", *"status:erro,cancelado", shows="aplica")
        await take.take("filtrados", "enter", shows=" de ")
        await take.take("registro", "enter", shows="Dados Recebidos")
        await take.take("dados", "enter", shows="linha 1 de")
        await take.take("marcas", "escape", "escape", "A", shows="marcados")
        await take.take("plano", "R", shows="serão reenviados")
        await _confirm(take)
        await day.happen(minutes=1, records=8)
        last_change = f"{day.clock.now().astimezone(day.session.timezone):⟳ %H:%M:%S}"
        await take.take("andamento", shows="Reenvio 1: 8 de ", at=last_change)
        await take.take("agendamentos", "5", shows="Últimas execuções")
    return take.taken


async def _confirm(take: Pictures) -> None:
    """One letter, or the number that the plan asks for."""
    asked = re.search(r"digite ([\d.]+)", take.text())
    keys = [*asked[1].replace(".", ""), "enter"] if asked else ["s"]
    await take.pilot.press(*keys)
    await take.settled(lambda text: "Reenvio" in text and "serão" not in text)


def put_into(manual: str, taken: dict[str, str]) -> str:
    """The manual with its pictures replaced; raises ``LookupError`` where one of either is not known to the other."""
    wanted = {match["name"] for match in PICTURE.finditer(manual)}
    if wanted != set(taken):
        raise LookupError(f"in the manual only: {wanted - set(taken)}; taken only: {set(taken) - wanted}")
    return PICTURE.sub(lambda match: f"{match[1]}```text\n{taken[match['name']]}\n```\n", manual)


def main() -> int:
    """Make the pictures and write the manual."""
    with tempfile.TemporaryDirectory(prefix="vtexmon-docs-") as folder, world(Path(folder)) as day:
        taken = asyncio.run(pictures(day))
    MANUAL.write_text(put_into(MANUAL.read_text(encoding="utf-8"), taken), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""One table of commands behind bindings, key line, help, prompt and the check of rebound keys."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from screens.commands import (
    COMMANDS,
    STACKS,
    Scope,
    bindings_for,
    find,
    help_rows,
    key_line,
    keys_of,
    may_run,
    problems,
)
from screens.widgets import keys


def test_the_table_has_no_clash_no_typo_and_no_id_twice() -> None:
    assert problems({}) == []
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    assert [key for command in COMMANDS for key in command.keys if keys.problem(key)] == []


def test_every_command_says_in_its_help_what_it_does() -> None:
    assert [command.id for command in COMMANDS if not command.help] == []


def test_a_binding_carries_the_commands_id_so_that_it_can_be_rebound() -> None:
    found = {binding.id: binding for binding in bindings_for(Scope.LOGS)}

    assert found["logs.resend"].key == "R"
    assert found["logs.resend"].action == "resend"
    assert found["logs.filter"].key == "slash,f"


def test_read_only_hides_what_writes() -> None:
    assert "logs.resend" not in {binding.id for binding in bindings_for(Scope.LOGS, read_only=True)}
    assert "reenvia" not in {hint.label for hint in key_line(Scope.LOGS, 200, read_only=True)}
    assert not may_run(Scope.LOGS, "resend", read_only=True)
    assert may_run(Scope.LOGS, "filter", read_only=True)
    assert find("reenviar", (Scope.LOGS, Scope.GLOBAL), read_only=True) == []


@pytest.mark.parametrize("scope", [stack[0] for stack in STACKS])
@pytest.mark.parametrize("width", [10, 40, 80, 120])
def test_the_key_line_fits_and_never_cuts(scope: Scope, width: int) -> None:
    hints = key_line(scope, width)

    text = "  ".join(f"{hint.key} {hint.label}" for hint in hints)

    assert hints
    assert cell_len(text) <= width


def test_the_key_line_keeps_the_help_and_puts_the_resend_first() -> None:
    assert [hint.label for hint in key_line(Scope.LOGS, 40)] == ["reenvia", "marca", "todos", "ajuda"]


def test_a_rebound_key_is_the_one_that_is_shown() -> None:
    overrides = {"logs.resend": "ctrl+r"}

    assert key_line(Scope.LOGS, 80, overrides=overrides)[0].key == "ctrl+r"
    assert "ctrl+r" in {row.keys for row in help_rows((Scope.LOGS,), overrides=overrides)}


def test_the_help_shows_every_key() -> None:
    rows = {row.help: row.keys for row in help_rows((Scope.GLOBAL, Scope.LOGS))}

    assert rows["Ajuda desta tela"] == "? F1"
    assert rows["Filtrar"] == "/ f"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"logs.resendd": "x"}, "você quis dizer logs.resend?"),
        ({"logs.save": "pagdown"}, "a tecla pagdown não existe"),
        ({"logs.save": "ctrl+m"}, "chega ao programa como enter"),
        ({"logs.save": "~"}, "é morta no teclado ABNT2"),
        ({"logs.save": "ctrl+b"}, "usada pelo terminal"),
        ({"logs.save": ""}, "está vazia"),
        ({"logs.pause": "q"}, "a tecla q serve a dois comandos"),
    ],
)
def test_what_is_wrong_with_rebound_keys_is_told_in_words(overrides: dict[str, str], expected: str) -> None:
    assert [problem for problem in problems(overrides) if expected in problem]


@pytest.mark.parametrize("key", ["ctrl+r", "f5", "ç", "comma", "Z", "shift+left"])
def test_a_good_key_is_no_problem(key: str) -> None:
    assert problems({"logs.save": key}) == []


def test_swapping_two_keys_is_no_clash() -> None:
    assert problems({"logs.pause": "r", "logs.refresh": "p"}) == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("reen", "logs.resend"),
        ("AGEND", "global.go_schedules"),
        ("área de transf", "logs.copy"),
        ("sair", "global.quit"),
    ],
)
def test_the_prompt_finds_a_command_by_its_word_or_its_help(text: str, first: str) -> None:
    assert find(text, (Scope.LOGS, Scope.TABLE, Scope.GLOBAL))[0].id == first


def test_keys_are_named_as_textual_names_them() -> None:
    assert {command.id: keys_of(command) for command in COMMANDS}["global.help"] == ("question_mark", "f1")
    assert [keys.shown(key) for key in ("space", "enter", "question_mark", "pagedown", "minus")] == [
        "␣",
        "⏎",
        "?",
        "PgDn",
        "-",
    ]
    assert keys.shown("space", ascii_only=True) == "espaço"

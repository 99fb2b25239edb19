# ruff: noqa: E501
"""A station to test with: a folder with configuration, credentials and a little data, pointing at a sandbox.

    with running_sandbox() as sandbox:
        station = Station.create(tmp_path, sandbox)
        station.run("export", "--json")

Times of the engine are short, so that a doubt is cleared in a second. Everything is told by the folder and ``environ``;
nothing of the machine's environment is used.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vtexmon.cli.main import main
from vtexmon.config import Config, load
from vtexmon.sandbox import RunningSandbox, environment, render_config

ENGINE = """
[engine]
lease = "6s"
request_deadline = "4s"
verify_grace = "500ms"
first_resend_delay = "1s"
max_resend_delay = "2s"
"""

COURSES = """\
codcoligada;codfilial;codcurso;nome;nivel_ensino;categoria;marca;carga_horaria;descricao;palavras_chave;imagem_url;ativo;alterado_em
1;12;AJUSTA;Ajustador Mecânico;FIC;Metalmecânica;SENAI;160;Curso de ajustagem.;ajustagem, mecânica;https://loja.example/ajusta.png;S;2026-11-01 08:00:00
1;12;ELETRI;Eletricista Instalador;FIC;Eletroeletrônica;SENAI;200;Instalações elétricas.;elétrica;https://loja.example/eletri.png;S;2026-11-01 08:00:00
"""

CLASSES = """\
codcoligada;codfilial;codcurso;codturma;nome;turno;data_inicio;data_fim;horario_inicio;horario_fim;dias_semana;modalidade;local;vagas;matriculados;ativo;alterado_em
1;12;AJUSTA;AJ-N1;Ajustador Mecânico - noite;N;2027-02-01;2027-06-30;19:00;22:00;SEG,QUA;PRESENCIAL;São Paulo;20;2;S;2026-11-01 08:00:00
1;12;ELETRI;EL-T1;Eletricista - tarde;T;2027-03-01;2027-07-30;14:00;17:00;TER,QUI;PRESENCIAL;São Paulo;16;0;S;2026-11-01 08:00:00
"""

PRICES = """\
codcoligada;codfilial;codturma;canal;preco;preco_de;alterado_em
1;12;AJ-N1;B2C;950,00;1100,00;2026-11-01 08:00:00
1;12;EL-T1;B2C;1200,50;;2026-11-01 08:00:00
"""

STOCKS = """\
codcoligada;codfilial;codturma;deposito;quantidade;ilimitado;alterado_em
1;12;AJ-N1;1;18;N;2026-11-01 08:00:00
1;12;EL-T1;;16;N;2026-11-01 08:00:00
"""

DATA: Mapping[str, str] = {
    "cursos.csv": COURSES,
    "turmas.csv": CLASSES,
    "precos.csv": PRICES,
    "estoques.csv": STOCKS,
}

RECORDS = 11
"""How many logs the first export of ``DATA`` makes: 2 categories, 1 brand, 2 products, 2 SKUs, 2 prices, 2 stocks."""

REFUSE_PRODUCTS = "status:match=POST /api/catalog/pvt/product$,status=400,text=Nome recusado"
"""A fault rule: no product can be created (add ``,times=N`` or ``,body=…``)."""


@dataclass(frozen=True)
class Result:
    """What one run of the program left."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """stdout as one JSON document."""
        return json.loads(self.stdout)

    @property
    def lines(self) -> list[Any]:
        """stdout as JSON lines."""
        return [json.loads(line) for line in self.stdout.splitlines()]


@dataclass
class Station:
    """One folder to run the program in."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    @classmethod
    def create(
        cls,
        folder: Path,
        sandbox: RunningSandbox,
        *,
        data: Mapping[str, str] = DATA,
        max_attempts: int | None = 3,
        schedules: bool = True,
        extra: str = "",
    ) -> Station:
        """Write configuration and data; ``extra`` is TOML at the end. The database is made by the first command."""
        text = render_config(sandbox.settings, sandbox.url) + ENGINE + extra
        if max_attempts != 3:
            text = text.replace("max_attempts = 3", "" if max_attempts is None else f"max_attempts = {max_attempts}")
        if not schedules:
            text = text.partition("[schedules]")[0] + ENGINE + extra
        station = cls(folder, dict(environment(sandbox.settings)))
        (folder / "dados").mkdir(parents=True, exist_ok=True)
        station.config_file.write_text(text, encoding="utf-8")
        station.write_data(data)
        return station

    @property
    def config_file(self) -> Path:
        """The configuration."""
        return self.folder / "vtexmon.toml"

    @property
    def database_file(self) -> Path:
        """The SQLite database."""
        return self.folder / "vtexmon.db"

    def write_data(self, data: Mapping[str, str]) -> None:
        """Replace files of the source; others stay."""
        for name, text in data.items():
            (self.folder / "dados" / name).write_text(text, encoding="utf-8")

    def change_data(self, file: str, old: str, new: str) -> None:
        """Change a file of the source; fails when there is nothing to change."""
        path = self.folder / "dados" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def change_config(self, old: str, new: str) -> None:
        """Change the configuration; fails when there is nothing to change."""
        text = self.config_file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in the configuration"
        self.config_file.write_text(text.replace(old, new), encoding="utf-8")

    def config(self) -> Config:
        """The configuration as the program loads it here."""
        return load(self.config_file, self.environ)

    def process_environment(self) -> dict[str, str]:
        """The whole environment of a process of this station."""
        home = {"HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "estado"), "TERM": "xterm-256color"}
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
        return kept | home | {"PYTHONWARNINGS": "error::ResourceWarning"} | self.environ

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs the program with these arguments."""
        return [sys.executable, "-c", "from vtexmon.cli.main import run; run()", *arguments]

    def run(self, *arguments: str) -> Result:
        """Run one command line here, in this process: quick, since everything is imported once. stdin is empty."""
        out, err = io.StringIO(), io.StringIO()
        before, environ = Path.cwd(), dict(os.environ)
        try:
            os.chdir(self.folder)
            os.environ.clear()
            os.environ.update(self.process_environment())
            with redirect_stdout(out), redirect_stderr(err), _empty_stdin():
                code = main(arguments)
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(environ)
        return Result(code, out.getvalue(), err.getvalue())

    def run_process(self, *arguments: str, timeout: float = 60) -> Result:
        """Run the program here as a process of its own, and wait for it."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=timeout)
        return Result(process.returncode, out, err)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the program here; the caller ends it."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.process_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def json(self, *arguments: str, code: int | Sequence[int] = 0) -> Any:
        """Run with ``--json``, check the exit code, and give the document."""
        result = self.run(*arguments, "--json")
        allowed = [code] if isinstance(code, int) else list(code)
        assert result.code in allowed, f"exit {result.code}\n{result.stdout}\n{result.stderr}"
        return result.document

    def logs(self, query: str = "") -> list[Any]:
        """The logs that a filter shows, newest first."""
        result = self.run("logs", "--json", "--filter", query, "--limit", "100000")
        assert result.code == 0, result.stderr
        return result.lines


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds; fails when it does not come to hold in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.02)


@contextmanager
def _empty_stdin() -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.StringIO()
    try:
        yield
    finally:
        sys.stdin = before

"""A source of any size, courses with classes that each have a price and a stock, in a folder ready to be exported."""

from __future__ import annotations

from pathlib import Path

from vtexmon.sandbox import SandboxSettings, write_folder

COURSES = (
    "codcoligada;codfilial;codcurso;nome;nivel_ensino;categoria;marca;carga_horaria;descricao;palavras_chave;"
    "imagem_url;ativo"
)
CLASSES = (
    "codcoligada;codfilial;codcurso;codturma;nome;turno;data_inicio;data_fim;horario_inicio;horario_fim;dias_semana;"
    "modalidade;local;vagas;matriculados;ativo"
)
PRICES = "codcoligada;codfilial;codturma;canal;preco;preco_de"
STOCKS = "codcoligada;codfilial;codturma;deposito;quantidade;ilimitado"


def folder(path: Path, url: str, courses: int, classes_each: int) -> Path:
    """A folder with configuration, credentials and the source."""
    write_folder(path, SandboxSettings(), url)
    data = path / "dados"
    numbers = range(1, courses + 1)
    keys = [(number, f"T{number}-{one}") for number in numbers for one in range(1, classes_each + 1)]
    _write(data / "cursos.csv", COURSES, [_course(number) for number in numbers])
    _write(data / "turmas.csv", CLASSES, [_class(number, key) for number, key in keys])
    _write(data / "precos.csv", PRICES, [f"1;12;{key};B2C;{500 + number % 900},50;" for number, key in keys])
    _write(data / "estoques.csv", STOCKS, [f"1;12;{key};1;{1 + number % 30};N" for number, key in keys])
    return path


def _course(number: int) -> str:
    name = f"Operador de processos industriais {number}"
    text = f"Curso {name}, 160 horas. Prepara para operar, ajustar e manter máquinas conforme normas de segurança."
    return f"1;12;C{number};{name};FIC;Metalmecânica;SENAI;160;{text};operador, processos;;S"


def _class(number: int, key: str) -> str:
    return (
        f"1;12;C{number};{key};Operador de processos {key};Noite;2027-01-18;2027-04-14;19:00;22:00;SEG,TER,QUA;"
        "Presencial;Escola;16;3;S"
    )


def _write(path: Path, head: str, rows: list[str]) -> None:
    lines = [f"{head};alterado_em", *(f"{row};2026-11-13T08:30:00" for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")

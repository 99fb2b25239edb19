"""What is peculiar to CSV files: encodings, separators, headers, quotes and line numbers."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtexmon.errors import Unreachable, UsageError
from vtexmon.sge import files
from vtexmon.sge.files import FilesSource
from vtexmon.sge.source import Channel, ClassKey, CourseKey, Snapshot

REAL_DATA = Path(__file__).parents[2].parent / "shared" / "data" / "sge-fic"
NAMES = ("cursos.csv", "turmas.csv", "precos.csv", "estoques.csv")
PRICE_HEADER = "codcoligada;codfilial;codturma;canal;preco;preco_de;alterado_em"
COURSE_HEADER = (
    "codcoligada;codfilial;codcurso;nome;nivel_ensino;categoria;marca;carga_horaria;descricao;palavras_chave;"
    "imagem_url;ativo;alterado_em"
)


def course_line(code: str, description: str = "texto") -> str:
    return f"1;12;{code};Nome;FIC;Metal;SENAI;10;{description};chave;;S;2026-01-01"


def with_courses(folder: Path, *lines: str, header: str = COURSE_HEADER) -> FilesSource:
    (folder / "cursos.csv").write_bytes("\r\n".join((header, *lines, "")).encode())
    return FilesSource(folder)


def codes(source: FilesSource) -> list[str]:
    return [key.course for key in source.read().courses]


def rejected_lines(source: FilesSource) -> list[int]:
    return [row.line for row in source.read().rejected]


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"the real course data is not there: {REAL_DATA}")
def test_the_real_course_offer_is_read_whole():
    snapshot = FilesSource(REAL_DATA).read()

    assert (len(snapshot.courses), len(snapshot.classes), len(snapshot.rejected)) == (75, 291, 0)
    assert (len(snapshot.prices), len(snapshot.stocks)) == (321, 291)
    assert snapshot.prices[ClassKey(1, 12, "CQ.AJUS.N-1"), Channel.B2C].price_cents == 179550


class TestFormat:
    @pytest.mark.parametrize("delimiter", [";", ","])
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_either_separator_with_or_without_a_byte_order_mark(self, folder_of, delimiter, mark):
        folder = folder_of(delimiter, cursos=[{}], precos=[{"preco": "1.795,50"}])
        for name in NAMES:
            (folder / name).write_bytes(mark + (folder / name).read_bytes())

        snapshot = FilesSource(folder).read()
        assert list(snapshot.courses) == [CourseKey(1, 12, "AJUSTA")]
        assert [price.price_cents for price in snapshot.prices.values()] == [179550]

    def test_the_header_may_stand_in_any_order_and_case(self, folder_of):
        folder = folder_of()
        text = "ALTERADO_EM; Preco ;Preco_De;CANAL;CodTurma;codfilial;codcoligada\n2026;10,00;;B2C;T;12;1\n"
        (folder / "precos.csv").write_text(text, encoding="utf-8")
        assert FilesSource(folder).read().prices[ClassKey(1, 12, "T"), Channel.B2C].price_cents == 1000

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_any_line_end_will_do_and_the_last_may_be_missing(self, folder_of, end):
        folder = folder_of()
        text = end.join((COURSE_HEADER, course_line("A"), course_line("B", "é\u2028um\x85só")))
        (folder / "cursos.csv").write_bytes(text.encode())
        source = FilesSource(folder)
        assert codes(source) == ["A"]
        assert rejected_lines(source) == [3]

    def test_a_header_without_rows_is_an_empty_table(self, folder_of):
        snapshot = FilesSource(folder_of()).read()
        assert not any((snapshot.courses, snapshot.rejected))

    def test_lines_without_anything_in_them_are_passed_over(self, folder_of):
        source = with_courses(folder_of(), "", course_line("A"), ";" * 12, "  ", ";;", course_line("B"))
        assert codes(source) == ["A", "B"]
        assert rejected_lines(source) == []

    def test_unnamed_columns_at_the_end_are_no_columns(self, folder_of):
        source = with_courses(folder_of(), course_line("A") + ";;", header=COURSE_HEADER + ";;")
        assert codes(source) == ["A"]

    def test_a_period_only_where_classes_have_none_is_passed_over(self, folder_of):
        folder = folder_of(precos=[{"periodo_letivo": "2027"}])
        assert list(FilesSource(folder).read().prices) == [(ClassKey(1, 12, "CQ.1"), Channel.B2C)]


class TestLayout:
    def problems(self, folder: Path) -> str:
        with pytest.raises(UsageError) as refusal:
            FilesSource(folder).read()
        return str(refusal.value)

    def test_a_missing_folder_is_named(self, tmp_path):
        assert "nenhuma: pasta: a pasta não existe. Crie" in self.problems(tmp_path / "nenhuma")

    def test_a_file_is_no_folder(self, tmp_path):
        (tmp_path / "arquivo").touch()
        assert "a pasta não existe" in self.problems(tmp_path / "arquivo")

    @pytest.mark.parametrize("name", NAMES)
    def test_a_missing_file_is_named_with_the_header_it_should_have(self, folder_of, name):
        folder = folder_of()
        (folder / name).unlink()
        told = self.problems(folder)
        assert f"{folder / name}: arquivo: o arquivo não existe" in told
        assert "codcoligada;codfilial;" in told

    @pytest.mark.parametrize("column", PRICE_HEADER.split(";"))
    def test_a_missing_column_is_named_with_file_line_and_remedy(self, folder_of, column):
        folder = folder_of()
        header = ";".join(name for name in PRICE_HEADER.split(";") if name != column)
        (folder / "precos.csv").write_text(header)
        expected = f"{folder / 'precos.csv'}:1: {column}: a coluna obrigatória não está no cabeçalho. Acrescente"
        (problem,) = self.problems(folder).splitlines()
        assert problem.startswith(expected)

    @pytest.mark.parametrize("column", ["preco", "obs"])
    def test_a_column_that_stands_twice_is_named(self, folder_of, column):
        folder = folder_of()
        (folder / "precos.csv").write_text(f"{PRICE_HEADER};{column};{column.upper()}")
        assert f"precos.csv:1: {column}: a coluna está mais de uma vez no cabeçalho" in self.problems(folder)

    @pytest.mark.parametrize("contents", [b"", b"\xef\xbb\xbf", b"\n\n", b"codcoligada\tcodfilial\n"])
    def test_a_file_without_a_header_misses_every_column(self, folder_of, contents):
        folder = folder_of()
        (folder / "precos.csv").write_bytes(contents)
        assert len(self.problems(folder).splitlines()) == 7

    def test_prices_and_stocks_need_the_period_that_classes_have(self, folder_of):
        told = self.problems(folder_of(turmas=[{"periodo_letivo": "2027"}]))
        assert "precos.csv:1: periodo_letivo: " in told
        assert "estoques.csv:1: periodo_letivo: " in told
        assert "turmas.csv a tem" in told

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    def test_a_file_that_is_not_utf_8_is_named_with_the_line(self, folder_of, end):
        folder = folder_of()
        lines = [PRICE_HEADER.encode(), b"1;12;A;B2C;1;;", "1;12;Manhã;B2C;1;;".encode("cp1252")]
        (folder / "precos.csv").write_bytes(end.join(lines))
        assert "precos.csv:3: codificação: o texto não está em UTF-8. Salve" in self.problems(folder)

    def test_a_header_with_an_open_quote_is_named(self, folder_of):
        folder = folder_of()
        (folder / "precos.csv").write_text('"' + PRICE_HEADER)
        assert "precos.csv:1: cabeçalho: as aspas" in self.problems(folder)

    def test_all_problems_of_all_files_are_told_at_once(self, folder_of):
        folder = folder_of()
        (folder / "cursos.csv").unlink()
        (folder / "turmas.csv").write_bytes(b"\xff")
        (folder / "precos.csv").write_text(PRICE_HEADER.replace("canal", "preco"))
        (folder / "estoques.csv").write_text("a")
        told = self.problems(folder).splitlines()
        assert [line.split(".csv")[0].rsplit("/")[-1] for line in told] == [
            "cursos", "turmas", "precos", "precos", *["estoques"] * 7
        ]  # fmt: skip

    def test_it_ends_the_command_with_2(self):
        assert UsageError.exit_code == 2


class TestRows:
    def test_a_rejected_row_says_file_and_line(self, folder_of):
        source = with_courses(folder_of(), course_line("A"), course_line(""), course_line("B"))
        (row,) = source.read().rejected
        assert (row.file, row.line, row.module, row.key_values) == ("cursos.csv", 3, "product", None)

    @pytest.mark.parametrize(("line", "count"), [("1;12;A", 3), (course_line("A", "um; dois"), 14)])
    def test_a_wrong_number_of_fields_rejects_the_row_without_a_key(self, folder_of, line, count):
        (row,) = with_courses(folder_of(), line).read().rejected
        assert (row.column, row.value, row.key_values) == ("", line, None)
        assert f"a linha tem {count} campos e o cabeçalho tem 13" in row.reason

    def test_all_lines_of_a_key_that_stands_twice_are_named_in_each(self, folder_of):
        source = with_courses(folder_of(), course_line("A"), course_line("B"), course_line("A"), course_line("A"))
        rejected = source.read().rejected
        assert codes(source) == ["B"]
        assert [(row.line, row.column, row.value) for row in rejected] == [
            (line, "codcoligada;codfilial;codcurso", "1;12;A") for line in (2, 4, 5)
        ]
        assert all("nas linhas 2, 4, 5;" in row.reason for row in rejected)

    def test_a_key_that_fills_a_file_does_not_fill_memory(self, folder_of):
        rejected = with_courses(folder_of(), *[course_line("A")] * 2000).read().rejected
        assert len(rejected) == 2000
        assert all(len(row.reason) < 1000 for row in rejected)

    def test_a_record_over_several_lines_counts_from_where_it_starts(self, folder_of):
        text = '"uma\r\n\r\n""duas""; três\n"'
        source = with_courses(folder_of(), course_line("A", text), course_line(""), course_line("", text), "x")
        assert source.read().courses[CourseKey(1, 12, "A")].description == 'uma\r\n\r\n"duas"; três'
        assert rejected_lines(source) == [6, 7, 11]

    def test_a_record_over_several_lines_with_a_field_too_many_is_one_rejected_row(self, folder_of):
        source = with_courses(folder_of(), course_line("A", '"uma\nduas"') + ";", course_line("B"))
        assert codes(source) == ["B"]
        assert rejected_lines(source) == [2]

    def test_text_over_several_lines_may_stand_in_the_first_column(self, folder_of):
        header = "obs;" + COURSE_HEADER
        snapshot = with_courses(folder_of(), '"uma\nduas";' + course_line("A"), header=header).read()
        assert [course.extra for course in snapshot.courses.values()] == [{"obs": "uma\nduas"}]
        assert not snapshot.rejected

    def test_quotes_inside_unquoted_text_are_text(self, folder_of):
        source = with_courses(folder_of(), course_line("A", 'tubo de 3" e 4"'))
        assert source.read().courses[CourseKey(1, 12, "A")].description == 'tubo de 3" e 4"'

    @pytest.mark.parametrize(
        "lines",
        [
            (course_line("A", '"aberta'), course_line("B"), course_line("C")),
            (course_line("A", '"aberta'), course_line("B"), course_line("C", '"boa"')),
            (course_line("A", '"aberta'), course_line("B", 'fecha"'), course_line("C")),
            (course_line("A", '"aberta'), course_line("B") + '"', course_line("C")),
            ('"' + course_line("A"), course_line("B") + '"', course_line("C")),
            (course_line("A", '"a" mais'), course_line("B"), course_line("C")),
            (course_line("A", '"aberta'), course_line("B"), course_line("C"), course_line("D", 'fecha"')),
            (course_line("A", '"aberta'), course_line("B"), course_line("C") + '"'),
            (course_line("A", "x" * 140_000), course_line("B"), course_line("C")),
        ],
    )
    def test_a_forgotten_quote_spoils_its_own_line_and_swallows_none(self, folder_of, lines):
        source = with_courses(folder_of(), *lines)
        assert {"B", "C"} <= set(codes(source))
        assert 2 in rejected_lines(source)
        assert len(codes(source)) + len(rejected_lines(source)) == len(lines)

    def test_thousands_of_forgotten_quotes_take_no_quadratic_time(self, folder_of):
        lines = [course_line(f"A{number}", '"aberta') for number in range(20_000)]
        assert len(with_courses(folder_of(), *lines).read().rejected) == 20_000


cell = st.text(st.characters(codec="utf-8"), max_size=12)
likely = st.sampled_from(["1", "12", "AJUSTA", "S", "N", "B2C", "10,00", "2027-01-18", "18/01/2027", "19:00", "\u00a0"])


class TestNothingIsLost:
    @settings(deadline=None)
    @given(st.lists(st.lists(cell | likely, min_size=1, max_size=15), max_size=8), st.sampled_from(";,"))
    def test_every_record_is_a_value_or_a_rejected_row(self, rows, delimiter):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.write(folder, rows, delimiter)
            snapshot = FilesSource(folder).read()
        starts = self.first_lines(rows)
        values = sum(map(len, (snapshot.courses, snapshot.classes, snapshot.prices, snapshot.stocks)))
        told = [(row.file, row.line) for row in snapshot.rejected]
        assert values + sum(line in starts for _file, line in told) == 4 * len(starts)
        assert len(set(told)) == len(told)

    def first_lines(self, rows: list[list[str]]) -> set[int]:
        """The lines on which records with anything in them start."""
        starts, line = set(), 2
        for row in rows:
            starts |= {line} if any(text.strip() for text in row) else set()
            line += len(io.StringIO("".join(f"{text}|" for text in row), newline="").readlines())
        return starts

    def write(self, folder: Path, rows: list[list[str]], delimiter: str) -> None:
        for table in files.TABLES:
            header = [column.name for column in table.columns_with(has_period=False)]
            lines = [header, *rows]
            quoted = (delimiter.join('"' + text.replace('"', '""') + '"' for text in line) for line in lines)
            (folder / table.file).write_bytes("\n".join(quoted).encode())

    @settings(deadline=None)
    @given(st.lists(st.text(st.sampled_from("1S;ç \x00"), max_size=30), max_size=12))
    def test_without_quotes_every_line_with_something_in_it_is_accounted_for(self, lines):
        told = self.read_courses(lines).rejected
        assert [row.line for row in told] == [line for line, text in enumerate(lines, 2) if text.strip("; ")]

    @settings(deadline=None)
    @given(st.lists(st.text(st.sampled_from('1S;"ç '), max_size=30), max_size=12))
    def test_no_jumble_of_quotes_swallows_the_good_lines_after_it(self, lines):
        good = [course_line(f"C{number}") for number in range(3)]
        assert [key.course for key in self.read_courses([*lines, *good]).courses] == ["C0", "C1", "C2"]

    def read_courses(self, lines: list[str]) -> Snapshot:
        with tempfile.TemporaryDirectory() as name:
            self.write(Path(name), [], ";")
            return with_courses(Path(name), *lines).read()

    @settings(deadline=None)
    @given(st.binary(max_size=200), st.booleans(), st.sampled_from(NAMES))
    def test_garbage_raises_nothing_but_errors_for_people(self, garbage, after_header, name):
        with tempfile.TemporaryDirectory() as folder_name:
            folder = Path(folder_name)
            self.write(folder, [], ";")
            path = folder / name
            path.write_bytes((path.read_bytes() + b"\n" if after_header else b"") + garbage)
            with contextlib.suppress(UsageError, Unreachable):
                FilesSource(folder).read()

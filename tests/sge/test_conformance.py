"""What every SGE adapter does with rows (DESIGN.md section 9), whatever it reads them from."""

from __future__ import annotations

from datetime import date, time

import pytest

from vtexmon.sge.source import (
    Channel,
    ClassKey,
    ClassPrice,
    ClassStock,
    Course,
    CourseClass,
    CourseKey,
    RejectedRow,
    Snapshot,
)

CLASS = ClassKey(1, 12, "CQ.1")
CHANGED_AT = "2026-11-13T08:30:00"
NBSP = "\u00a0"


def only_rejected(snapshot: Snapshot) -> RejectedRow:
    assert not any((snapshot.courses, snapshot.classes, snapshot.prices, snapshot.stocks))
    (rejected,) = snapshot.rejected
    return rejected


def test_good_rows_become_values(source_of):
    snapshot = source_of(cursos=[{}], turmas=[{}], precos=[{}], estoques=[{}]).read()

    assert list(snapshot.courses.values()) == [
        Course(
            CourseKey(1, 12, "AJUSTA"), "Ajustador mecânico", "FIC", "Metalmecânica", "SENAI", "216",
            "Curso de ajustagem.", "ajustador", "", True, CHANGED_AT,
        )
    ]  # fmt: skip
    assert list(snapshot.classes.values()) == [
        CourseClass(
            CLASS, "AJUSTA", "Ajustador mecânico - CQ.1", "Noite", date(2027, 1, 18), date(2027, 4, 14),
            time(19), time(22), "SEG,TER", "Presencial", "Escola", 16, 14, True, CHANGED_AT,
        )
    ]  # fmt: skip
    assert snapshot.prices == {(CLASS, Channel.B2C): ClassPrice(CLASS, Channel.B2C, 179550, 206482, CHANGED_AT)}
    assert snapshot.stocks == {(CLASS, "1"): ClassStock(CLASS, "1", 2, False, CHANGED_AT)}
    assert not snapshot.rejected
    assert not snapshot.has_period


def test_values_stand_under_their_own_keys(source_of):
    snapshot = source_of(
        cursos=[{}, {"codcurso": "B"}],
        turmas=[{}, {"codfilial": "13"}],
        precos=[{}, {"canal": "B2B"}],
        estoques=[{}, {"deposito": ""}],
    ).read()

    assert list(snapshot.courses) == [CourseKey(1, 12, "AJUSTA"), CourseKey(1, 12, "B")]
    assert list(snapshot.classes) == [CLASS, ClassKey(1, 13, "CQ.1")]
    assert list(snapshot.prices) == [(CLASS, Channel.B2C), (CLASS, Channel.B2B)]
    assert list(snapshot.stocks) == [(CLASS, "1"), (CLASS, "")]
    assert not snapshot.rejected


def test_outer_blanks_are_stripped_everywhere(source_of):
    snapshot = source_of(
        cursos=[{"nome": f"{NBSP} Torneiro ", "codcurso": f" T{NBSP}", "codcoligada": " 1 ", "ativo": " n "}],
        precos=[{"canal": f"b2b{NBSP}", "preco": f"{NBSP}10,00 "}],
    ).read()

    (course,) = snapshot.courses.values()
    assert (course.key, course.name, course.active) == (CourseKey(1, 12, "T"), "Torneiro", False)
    assert snapshot.prices[CLASS, Channel.B2B].price_cents == 1000


def test_a_name_keeps_its_inner_blanks_and_a_description_its_lines(source_of):
    snapshot = source_of(cursos=[{"nome": f"A{NBSP}B", "descricao": "uma\r\nduas\tcolunas"}]).read()

    (course,) = snapshot.courses.values()
    assert (course.name, course.description) == (f"A{NBSP}B", "uma\r\nduas\tcolunas")


def test_unknown_columns_of_courses_and_classes_are_kept(source_of):
    snapshot = source_of(cursos=[{"Área": " Metal "}], turmas=[{"sala": "3"}], precos=[{"obs": "x"}]).read()

    assert [course.extra for course in snapshot.courses.values()] == [{"área": "Metal"}]
    assert [course_class.extra for course_class in snapshot.classes.values()] == [{"sala": "3"}]
    assert len(snapshot.prices) == 1


def test_the_period_is_part_of_every_class_key_where_classes_have_it(source_of):
    period = {"periodo_letivo": "2027/1"}
    snapshot = source_of(turmas=[period, {"periodo_letivo": "2027/2"}], precos=[period], estoques=[period]).read()

    key = ClassKey(1, 12, "CQ.1", "2027/1")
    assert snapshot.has_period
    assert list(snapshot.classes) == [key, ClassKey(1, 12, "CQ.1", "2027/2")]
    assert list(snapshot.prices) == [(key, Channel.B2C)]
    assert list(snapshot.stocks) == [(key, "1")]


def test_the_period_is_the_last_key_value(source_of):
    period = {"periodo_letivo": "2027/1"}
    snapshot = source_of(
        turmas=[{**period, "ativo": "?"}], precos=[{**period, "preco": "0"}], estoques=[{**period, "quantidade": "?"}]
    ).read()

    assert [row.key_values for row in snapshot.rejected] == [
        ("1", "12", "CQ.1", "2027/1"),
        ("1", "12", "CQ.1", "B2C", "2027/1"),
        ("1", "12", "CQ.1", "1", "2027/1"),
    ]


def test_an_empty_period_is_an_empty_key_field(source_of):
    empty = {"periodo_letivo": ""}
    snapshot = source_of(turmas=[empty], precos=[empty], estoques=[empty]).read()

    assert [row.module for row in snapshot.rejected] == ["sku", "price", "stock"]
    assert {(row.column, row.key_values) for row in snapshot.rejected} == {("periodo_letivo", None)}


@pytest.mark.parametrize("text", ["18/01/2027", "2027-01-18"])
def test_dates_are_iso_or_brazilian(source_of, text):
    (course_class,) = source_of(turmas=[{"data_inicio": text}]).read().classes.values()
    assert course_class.starts_on == date(2027, 1, 18)


def test_dates_times_seats_and_list_price_may_be_empty(source_of):
    empty = dict.fromkeys(("data_inicio", "data_fim", "horario_inicio", "horario_fim", "vagas", "matriculados"), "")
    snapshot = source_of(turmas=[empty], precos=[{"preco_de": ""}]).read()

    (course_class,) = snapshot.classes.values()
    assert (course_class.starts_on, course_class.ends_at, course_class.seats) == (None, None, None)
    assert snapshot.prices[CLASS, Channel.B2C].list_price_cents is None


def test_a_class_may_last_one_day_and_past_midnight(source_of):
    one_night = {"data_fim": "2027-01-18", "horario_inicio": "22:00", "horario_fim": "6:30"}
    (course_class,) = source_of(turmas=[one_night]).read().classes.values()
    assert (course_class.starts_at, course_class.ends_at) == (time(22), time(6, 30))


def test_the_longest_names_are_taken_whole(source_of):
    snapshot = source_of(cursos=[{"nome": "ã" * 150}], turmas=[{"nome": "ã" * 200}]).read()
    assert [len(value.name) for value in (*snapshot.courses.values(), *snapshot.classes.values())] == [150, 200]


def test_zero_seats_for_sale_is_a_quantity_and_an_unlimited_one_too(source_of):
    snapshot = source_of(estoques=[{"quantidade": "0", "ilimitado": "s"}]).read()
    assert snapshot.stocks[CLASS, "1"] == ClassStock(CLASS, "1", 0, True, CHANGED_AT)


def test_a_list_price_below_the_price_or_zero_is_for_the_integration_to_judge(source_of):
    snapshot = source_of(precos=[{"preco_de": "0,00"}, {"codturma": "2", "preco_de": "1,00"}]).read()
    assert [price.list_price_cents for price in snapshot.prices.values()] == [0, 100]


REJECTIONS = [
    ("cursos", "product", "codcoligada", "", "faz parte da chave"),
    ("cursos", "product", "codcoligada", "um", "não é um número inteiro"),
    ("cursos", "product", "codcoligada", "-1", "não é um número inteiro"),
    ("cursos", "product", "codcoligada", "1,0", "não é um número inteiro"),
    ("cursos", "product", "codcoligada", "1" * 10, "não é um número inteiro"),
    ("cursos", "product", "codcoligada", "٣", "não é um número inteiro"),
    ("cursos", "product", "codfilial", NBSP, "faz parte da chave"),
    ("cursos", "product", "codcurso", " ", "faz parte da chave"),
    ("cursos", "product", "codcurso", "A;B", "ponto e vírgula"),
    ("cursos", "product", "codcurso", "A\u200bB", "caractere invisível (U+200B)"),
    ("cursos", "product", "codcurso", "A\nB", "quebra de linha"),
    ("cursos", "product", "codcurso", "A\x00", "caractere de controle (U+0000)"),
    ("turmas", "sku", "codturma", "", "faz parte da chave"),
    ("precos", "price", "codturma", "", "faz parte da chave"),
    ("precos", "price", "canal", "", "B2C ou B2B"),
    ("precos", "price", "canal", "varejo", "B2C ou B2B"),
    ("estoques", "stock", "codturma", "", "faz parte da chave"),
    ("estoques", "stock", "deposito", "1;2", "ponto e vírgula"),
]


@pytest.mark.parametrize(("table", "module", "column", "value", "reason"), REJECTIONS)
def test_a_row_whose_key_cannot_be_read_is_rejected_without_a_key(source_of, table, module, column, value, reason):
    row = only_rejected(source_of(**{table: [{column: value}]}).read())

    assert (row.module, row.column, row.key_values) == (module, column, None)
    assert reason in row.reason


KEYED_REJECTIONS = [
    ("cursos", "nome", "", "está vazio"),
    ("cursos", "nome", "x" * 151, "tem 151 caracteres e a VTEX aceita até 150"),
    ("cursos", "nome", "A\x07B", "caractere de controle (U+0007)"),
    ("cursos", "nome", "A\x1f", "caractere de controle (U+001F)"),
    ("cursos", "nome", "A\x96B", "caractere de controle (U+0096)"),
    ("cursos", "nome", "A\nB", "quebra de linha"),
    ("cursos", "descricao", "A\x00B", "caractere de controle (U+0000)"),
    ("cursos", "extra", "A\x00B", "caractere de controle (U+0000)"),
    ("cursos", "ativo", "", "não é S nem N"),
    ("cursos", "ativo", "1", "não é S nem N"),
    ("turmas", "codcurso", "", "informe o curso"),
    ("turmas", "nome", "", "está vazio"),
    ("turmas", "nome", "x" * 201, "tem 201 caracteres e a VTEX aceita até 200"),
    ("turmas", "data_inicio", "2027-02-30", "não é uma data"),
    ("turmas", "data_inicio", "01/18/2027", "não é uma data"),
    ("turmas", "data_inicio", "18/01/27", "não é uma data"),
    ("turmas", "data_inicio", "20270118", "não é uma data"),
    ("turmas", "data_fim", "2027-01-17", "anterior a data_inicio"),
    ("turmas", "horario_inicio", "25:00", "não é um horário"),
    ("turmas", "horario_fim", "19h", "não é um horário"),
    ("turmas", "vagas", "-1", "quantidade negativa"),
    ("turmas", "matriculados", "muitos", "não é um número inteiro"),
    ("turmas", "ativo", "talvez", "não é S nem N"),
    ("precos", "preco", "-10,00", "valor negativo"),
    ("precos", "preco", "0,00", "o preço é zero"),
    ("precos", "preco", "-0", "valor negativo"),
    ("precos", "preco", "grátis", "não é um valor em reais"),
    ("precos", "preco", "10,999", "mais de duas casas decimais"),
    ("precos", "preco", "1.234", "tanto pode ser milhar como decimal"),
    ("precos", "preco", "12.34,5", "de três em três"),
    ("precos", "preco", "", "embora haja preco_de"),
    ("precos", "preco_de", "-1", "valor negativo"),
    ("precos", "preco_de", "x", "não é um valor em reais"),
    ("estoques", "quantidade", "", "está vazio"),
    ("estoques", "quantidade", "1,5", "não é um número inteiro"),
    ("estoques", "quantidade", "1.000", "não é um número inteiro"),
    ("estoques", "quantidade", "-3", "quantidade negativa"),
    ("estoques", "quantidade", "1e3", "não é um número inteiro"),
    ("estoques", "ilimitado", "", "não é S nem N"),
    ("estoques", "ilimitado", "X", "não é S nem N"),
]
KEYS = {
    "cursos": ("product", ("1", "12", "AJUSTA")),
    "turmas": ("sku", ("1", "12", "CQ.1")),
    "precos": ("price", ("1", "12", "CQ.1", "B2C")),
    "estoques": ("stock", ("1", "12", "CQ.1", "1")),
}


@pytest.mark.parametrize(("table", "column", "value", "reason"), KEYED_REJECTIONS)
def test_a_bad_row_is_rejected_under_its_key_with_column_value_and_reason(source_of, table, column, value, reason):
    row = only_rejected(source_of(**{table: [{column: value}]}).read())

    assert (row.module, row.key_values) == KEYS[table]
    assert row.column == column
    assert reason in row.reason
    if value.isprintable() and len(value) < 300:
        assert row.value == value


def test_a_rejected_value_holds_nothing_a_database_or_a_terminal_chokes_on(source_of):
    row = only_rejected(source_of(cursos=[{"nome": "A\x00\x1b[2J" + "é" * 400}]).read())

    assert row.value.startswith("A\\x00\\x1b[2Jé")
    assert row.value.isprintable()
    assert len(row.value) < 400


def test_a_price_row_without_any_price_is_rejected(source_of):
    row = only_rejected(source_of(precos=[{"preco": "", "preco_de": ""}]).read())
    assert (row.column, "está vazio" in row.reason) == ("preco", True)


def test_one_bad_row_does_not_stop_the_others(source_of):
    snapshot = source_of(precos=[{}, {"codturma": "2", "preco": "x"}, {"codturma": "3"}]).read()

    assert [key.course_class for key, _channel in snapshot.prices] == ["CQ.1", "3"]
    assert [row.key_values for row in snapshot.rejected] == [("1", "12", "2", "B2C")]


def test_all_defects_of_a_row_are_told_at_once(source_of):
    row = only_rejected(source_of(turmas=[{"nome": "", "vagas": "-1", "sala": "\x00"}]).read())

    assert row.column == "nome"
    assert "também vagas: é uma quantidade negativa" in row.reason
    assert "também sala: contém um caractere de controle" in row.reason


@pytest.mark.parametrize("table", KEYS)
def test_a_key_that_stands_twice_rejects_each_of_its_rows(source_of, table):
    snapshot = source_of(**{table: [{}, {"codfilial": "13"}, {}]}).read()

    assert [row.key_values for row in snapshot.rejected] == [KEYS[table][1]] * 2
    assert all("a chave está mais de uma vez" in row.reason for row in snapshot.rejected)
    assert sum(map(len, (snapshot.courses, snapshot.classes, snapshot.prices, snapshot.stocks))) == 1


def test_a_key_is_the_same_however_its_numbers_are_written(source_of):
    snapshot = source_of(cursos=[{}, {"codfilial": "012"}]).read()
    assert len(snapshot.rejected) == 2


def test_a_bad_row_spoils_the_good_one_of_the_same_key(source_of):
    snapshot = source_of(precos=[{}, {"preco": "x"}]).read()

    assert not snapshot.prices
    good, bad = snapshot.rejected
    assert "a chave está mais de uma vez" in good.reason
    assert "não é um valor em reais" in bad.reason
    assert "a chave está mais de uma vez" in bad.reason


def test_codes_that_differ_in_case_are_different_courses(source_of):
    assert len(source_of(cursos=[{}, {"codcurso": "ajusta"}]).read().courses) == 2


def test_equal_contents_have_equal_fingerprints_and_others_do_not(source_of):
    first = source_of(cursos=[{}]).read().fingerprint
    again = source_of(cursos=[{}]).read().fingerprint
    other = source_of(cursos=[{"nome": "Outro"}]).read().fingerprint

    assert first == again != other


def test_reading_again_without_a_change_gives_the_same_snapshot(source_of):
    source = source_of(cursos=[{}])
    assert source.read() is source.read()


def test_a_source_says_where_it_reads_from(source_of):
    assert source_of().describe()

import string
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vtexmon.core.failures import FailureClass
from vtexmon.core.filter_syntax import FIELDS, FilterError, parse, to_text
from vtexmon.core.filters import AttemptRange, Filter, KeyMatch, KeyTerm, Period, folded_key, words
from vtexmon.core.modules import MODULES
from vtexmon.core.status import Phase, Status
from vtexmon.core.text import fold

NOW = datetime(2026, 11, 24, 17, 25, 30, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")


def read(text):
    return parse(text, NOW, ZONE)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_the_example_of_the_contract():
    query = read(
        "status:erro,cancelado modulo:sku filial:12 classe:dado chave:AJUSTA tentativas:>=3 criado:>=2026-11-01 "
        "alterado:<-2h conta:sp canal:b2c texto livre"
    )
    assert query == Filter(
        statuses=frozenset({Status.ERROR, Status.CANCELLED}),
        modules=frozenset({"sku"}),
        branches=frozenset({12}),
        classes=frozenset({FailureClass.DATA}),
        keys=frozenset({KeyTerm("ajusta")}),
        attempts=AttemptRange(3),
        created=Period(utc(2026, 11, 1, 3)),
        updated=Period(None, NOW - timedelta(hours=2)),
        accounts=frozenset({"sp"}),
        channels=frozenset({"b2c"}),
        words=("texto", "livre"),
    )


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("status:error,cancelled", "status:erro,cancelado"),
        ("status:pending,success", "status:pendente,sucesso"),
        ("module:sku", "modulo:sku"),
        ("branch:12 company:1", "filial:12 coligada:1"),
        ("class:data,unknown", "classe:dado,desconhecido"),
        ("key:AJ*", "chave:AJ*"),
        ("attempts:>3", "tentativas:>3"),
        ("created:today updated:yesterday", "criado:hoje alterado:ontem"),
        ("account:sp channel:b2c", "conta:sp canal:b2c"),
        ("phase:waiting,idle", "fase:aguardando,parado"),
        ("source:changed", "fonte:alterada"),
        ("cause:00ff", "causa:00ff"),
    ],
)
def test_english_names_are_synonyms(english, portuguese):
    assert read(english) == read(portuguese)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("STATUS:Erro", "status:erro"),
        ("status:e,c,p,s", "status:erro,cancelado,pendente,sucesso"),
        ("Módulo:PREÇO", "modulo:price"),
        ("modulo:preço,Estoque", "modulo:price,stock"),
        ("classe:TRANSITÓRIO", "classe:transitorio"),
        ("chave:Mecânica", "chave:mecanica"),
        ('chave:"a b"', 'chave:" A  b "'),
        ("status:erro status:cancelado", "status:erro,cancelado"),
        ("tentativas:>=1,<=3", "tentativas:<=3 tentativas:>0 tentativas:<4"),
        ("tentativas:=3", "tentativas:3"),
        ("criado:24/11/2026", "criado:2026-11-24"),
        ("criado:hoje", "criado:>=2026-11-24,<=2026-11-24"),
        ("criado:-2h", "criado:>=-120m"),
        ("livre status:erro Livre texto", "status:erro livre texto"),
        ('"status:erro"', "status erro"),
        ("CQ.AJUS", "cq ajus"),
        ("", "  "),
    ],
)
def test_different_texts_of_one_filter(text, same):
    assert read(text) == read(same)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("chave:AJ", KeyTerm("aj")),
        ("chave:AJ*", KeyTerm("aj", KeyMatch.PREFIX)),
        ("chave:*AJ*", KeyTerm("aj", KeyMatch.INSIDE)),
        ('chave:"a b"*', KeyTerm("a b", KeyMatch.PREFIX)),
        ('chave:"AJ*"', KeyTerm("aj*")),
        ('chave:"diz ""oi"""', KeyTerm('diz "oi"')),
        ("chave:1;12;AJ", KeyTerm("1;12;aj")),
    ],
)
def test_stars_and_quotes_of_keys(text, term):
    assert read(text).keys == {term}


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("2026-11-01", utc(2026, 11, 1, 3), utc(2026, 11, 2, 3)),
        (">=2026-11-01", utc(2026, 11, 1, 3), None),
        (">2026-11-01", utc(2026, 11, 2, 3), None),
        ("<2026-11-01", None, utc(2026, 11, 1, 3)),
        ("<=2026-11-01", None, utc(2026, 11, 2, 3)),
        ("2026-11-01T14:30", utc(2026, 11, 1, 17, 30), utc(2026, 11, 1, 17, 31)),
        (">2026-11-01T14:30:10", utc(2026, 11, 1, 17, 30, 11), None),
        (">=2026-11-01T14:30Z", utc(2026, 11, 1, 14, 30), None),
        (">=2026-11-01T14:30-05:00", utc(2026, 11, 1, 19, 30), None),
        ("ontem", utc(2026, 11, 23, 3), utc(2026, 11, 24, 3)),
        (">=-3d", NOW - timedelta(days=3), None),
        ("-30m", NOW - timedelta(minutes=30), None),
        ("<-2h", None, NOW - timedelta(hours=2)),
        ("2018-11-04", utc(2018, 11, 4, 3), utc(2018, 11, 5, 2)),  # summer time began at midnight: 23 hours
    ],
)
def test_times_are_periods_in_utc(typed, since, until):
    assert read(f"criado:{typed}").created == Period(since, until)


def test_days_are_those_of_the_zone_not_of_utc():
    late_evening = utc(2026, 11, 25, 1)
    assert parse("criado:hoje", late_evening, ZONE).created == Period(utc(2026, 11, 24, 3), utc(2026, 11, 25, 3))


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("foo:1", 0, ["foo", *(field.name for field in FIELDS)]),
        ("livre foo:1", 6, ["foo"]),
        ("status:x", 7, ["x", "pendente, sucesso, erro, cancelado"]),
        ("status:erro,x", 12, ["x"]),
        ("modulo:sk", 7, ["sk", "sku, preco, estoque"]),
        ("classe:d", 7, ["dado"]),
        ("filial:doze", 7, ["doze", "número"]),
        ("filial:9223372036854775808", 7, ["número"]),
        ("id:-1", 3, ["número"]),
        ("tentativas:muitas", 11, ["muitas"]),
        ("tentativas:>3,<2", 14, ["tentativas"]),
        ("tentativas:<0", 11, ["tentativas"]),
        ("criado:2026-13-01", 7, ["2026-13-01", "hoje"]),
        ("criado:>=9999-12-31", 7, ["9999-12-31"]),
        ("criado:-9999999d", 7, ["-9999999d"]),
        ("criado:>ontem,<ontem", 14, ["criado"]),
        ("fonte:alterada,igual", 15, ["fonte"]),
        ("chave:*", 6, ["*TRECHO*"]),
        ("chave:**", 6, ["*TRECHO*"]),
        ("chave:*AJ", 6, ["*TRECHO*"]),
        ('conta:""', 6, ["texto"]),
        ("status:", 7, ["status"]),
        ("id:1,,2", 5, ["id"]),
        ('chave:"aberta', 6, ["aspas"]),
        ('livre "', 6, ["aspas"]),
    ],
)
def test_an_error_names_position_and_remedy(text, position, told):
    with pytest.raises(FilterError) as raised:
        read(text)
    assert raised.value.position == position
    assert f"posição {position + 1}" in str(raised.value)
    assert [part for part in told if part not in str(raised.value)] == []


def folds_once(char):
    return fold(char) == fold(fold(char))


TEXTS = st.text(
    st.sampled_from(string.printable + "çãéÁßıªº…–;*\",:'") | st.characters().filter(folds_once), max_size=8
)
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC))
NUMBERS = st.integers(0, 2**63 - 1)


def sets(values):
    return st.frozensets(values, max_size=3)


def bounds(kind, values):
    """Ranges that are None, or restrict and hold something."""
    pairs = st.tuples(st.none() | values, st.none() | values).filter(
        lambda pair: pair != (None, None) and (None in pair or pair[0] < pair[1])
    )
    return st.none() | pairs.map(lambda pair: kind(*pair))


FILTERS = st.builds(
    Filter,
    statuses=sets(st.sampled_from(Status)),
    modules=sets(st.sampled_from(sorted(MODULES))),
    companies=sets(NUMBERS),
    branches=sets(NUMBERS),
    keys=sets(
        st.builds(KeyTerm, TEXTS.map(folded_key).filter(lambda text: text.strip(";")), st.sampled_from(list(KeyMatch)))
    ),
    classes=sets(st.sampled_from(FailureClass)),
    fingerprints=sets(TEXTS.map(fold).filter(bool)),
    phases=sets(st.sampled_from(Phase)),
    accounts=sets(TEXTS.map(fold).filter(bool)),
    channels=sets(TEXTS.map(fold).filter(bool)),
    ids=sets(NUMBERS),
    attempts=bounds(AttemptRange, st.integers(0, 2**62)),
    created=bounds(Period, MOMENTS),
    updated=bounds(Period, MOMENTS),
    changed=st.none() | st.booleans(),
    words=TEXTS.map(words),
)


@given(FILTERS)
def test_the_canonical_text_reads_back_as_the_same_filter(query):
    assert read(to_text(query)) == query


@given(FILTERS)
def test_the_canonical_text_means_the_same_at_any_time_and_place(query):
    assert parse(to_text(query), NOW + timedelta(days=40), UTC) == query


@given(FILTERS)
def test_only_an_empty_filter_has_an_empty_text(query):
    assert (to_text(query) == "") == query.is_empty


@given(st.text(max_size=40) | st.lists(st.sampled_from(['"', "chave:", "status:", "*", ",", "erro", " "])).map("".join))
def test_any_text_is_read_or_refused_with_a_position_inside_it(text):
    refused = None
    try:
        query = read(text)
    except FilterError as error:
        refused = error
    if refused is not None:
        assert 0 <= refused.position <= len(text)
        return
    assume(all(map(folds_once, text)))
    assert read(to_text(query)) == query

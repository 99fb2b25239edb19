import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.curl import as_curl
from vtexmon.core.json_lines import tokens
from vtexmon.core.line_diff import Change, changes
from vtexmon.core.payload import DiffLine, Payload, PayloadKind, diff

REFUSED = '{"Message":"The request is invalid","ModelState":{"Name":["curto", "longo"],"Fixed Price":[]},"price":1.10}'


@pytest.mark.parametrize(
    ("text", "kind", "noted"),
    [
        (None, PayloadKind.EMPTY, False),
        ("", PayloadKind.EMPTY, False),
        (" \n", PayloadKind.EMPTY, False),
        ("{}", PayloadKind.JSON, False),
        ("null", PayloadKind.JSON, False),
        ('"Produto não encontrado"', PayloadKind.JSON, False),
        ("\ufeff[1]", PayloadKind.JSON, False),
        ("[1,]", PayloadKind.TEXT, True),
        ('{"a": NaN}', PayloadKind.TEXT, True),
        ('{"a": 1', PayloadKind.TEXT, True),
        ("[1] [2]", PayloadKind.TEXT, True),
        ('"aberta', PayloadKind.TEXT, True),
        ("not found", PayloadKind.TEXT, False),
        ("<!DOCTYPE html><p>x", PayloadKind.HTML, False),
        ("<HTML><body/>", PayloadKind.HTML, False),
        ('<?xml version="1.0"?><a/>', PayloadKind.XML, False),
        ("<soap:Envelope/>", PayloadKind.XML, False),
    ],
)
def test_the_kind_is_told_by_the_text(text, kind, noted):
    payload = Payload.from_text(text)
    assert payload.kind is kind
    assert bool(payload.note) is noted


def test_the_note_says_where_json_breaks():
    assert Payload.from_text('{"a":\n 1,}').note == "não é JSON válido: linha 2, coluna 4"


def test_pretty_lines():
    assert Payload.from_text(REFUSED).lines == (
        "{",
        '  "Message": "The request is invalid",',
        '  "ModelState": {',
        '    "Name": [',
        '      "curto",',
        '      "longo"',
        "    ],",
        '    "Fixed Price": []',
        "  },",
        '  "price": 1.10',
        "}",
    )


def test_every_line_has_a_path():
    payload = Payload.from_text(REFUSED)
    assert [payload.path_at(line) for line in range(-1, 12)] == [
        "",
        "$",
        "$.Message",
        "$.ModelState",
        "$.ModelState.Name",
        "$.ModelState.Name[0]",
        "$.ModelState.Name[1]",
        "$.ModelState.Name",
        '$.ModelState["Fixed Price"]',
        "$.ModelState",
        "$.price",
        "$",
        "",
    ]


def test_objects_and_arrays_that_span_lines_fold():
    assert Payload.from_text(REFUSED).folds == {0: 10, 2: 8, 3: 6}


@pytest.mark.parametrize("number", ["1.10", "123456789012345678901234567890", "1E+400", "-0.0", "0.1000"])
def test_numbers_stay_as_they_were_sent(number):
    assert Payload.from_text(f'{{"n":{number}}}').lines[1] == f'  "n": {number}'


def test_the_spans_of_a_line():
    payload = Payload.from_text('{"a:b": [-1.5e3, "x, \\"y\\"", null]}')
    shown = [[(payload.lines[n][start:end], kind) for start, end, kind in payload.spans(n)] for n in range(1, 5)]
    assert shown == [
        [('"a:b"', "key"), (":", "punct"), ("[", "punct")],
        [("-1.5e3", "number"), (",", "punct")],
        [('"x, \\"y\\""', "string"), (",", "punct")],
        [("null", "literal")],
    ]
    assert Payload.from_text("texto: 1").spans(0) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)
TEXTS = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only),
    JSON,
    st.sampled_from([None, 0, 3]),
    st.booleans(),
)


@given(TEXTS)
def test_pretty_lines_hold_the_tokens_of_the_text_and_nothing_else(text):
    payload = Payload.from_text(text)
    assert payload.kind is PayloadKind.JSON
    assert tokens("\n".join(payload.lines)) == tokens(text)
    assert json.loads("\n".join(payload.lines)) == json.loads(text)


@given(JSON)
def test_pretty_lines_are_those_of_the_standard_library(value):
    text = json.dumps(value, ensure_ascii=False)
    assert "\n".join(Payload.from_text(text).lines) == json.dumps(value, indent=2, ensure_ascii=False)


def value_at(value, path):
    for key, index in re.findall(r'\.(\w+)|\[((?:"(?:[^"\\]|\\.)*")|\d+)\]', path):
        value = value[key or json.loads(index)]
    return value


@given(TEXTS)
def test_a_path_leads_to_what_stands_in_the_line(text):
    payload, value = Payload.from_text(text), json.loads(text)
    for number, line in enumerate(payload.lines):
        there = value_at(value, payload.path_at(number))
        last = tokens(line.removesuffix(","))[-1]
        opened = {"{": dict, "}": dict, "[": list, "]": list}.get(last)
        assert isinstance(there, opened) if opened else there == json.loads(last)


@given(TEXTS)
def test_folds_join_what_opens_with_what_closes(text):
    payload = Payload.from_text(text)
    for first, last in payload.folds.items():
        assert payload.path_at(first) == payload.path_at(last)
        assert {"{": "}", "[": "]"}[payload.lines[first][-1]] == payload.lines[last].strip(" ,")


@given(TEXTS)
def test_spans_cover_all_but_blanks(text):
    payload = Payload.from_text(text)
    for number, line in enumerate(payload.lines):
        covered = "".join(line[start:end] for start, end, _kind in payload.spans(number))
        assert covered == "".join(tokens(line))


@pytest.mark.parametrize("depth", [5_000, 50_000])
def test_deep_nesting_is_shown_without_recursion(depth):
    payload = Payload.from_text("[" * depth + "]" * depth)
    assert (payload.kind, len(payload.lines)) == (PayloadKind.JSON, 2 * depth - 1)
    assert payload.path_at(2) == "$[0][0]"
    assert max(map(len, payload.lines)) < 200


def test_brackets_that_do_not_match_are_noted_at_any_depth():
    assert Payload.from_text("[" * 50_000).note
    assert Payload.from_text("[" * 50_000 + "]" * 50_001).note


def test_xml_is_broken_between_tags_and_raw_is_untouched():
    payload = Payload.from_text("<a><b>x y</b>\r\n  <c/></a>")
    assert payload.lines == ("<a>", "<b>x y</b>", "<c/>", "</a>")
    assert payload.raw_lines == ("<a><b>x y</b>", "  <c/></a>")


@pytest.mark.parametrize(
    ("needle", "found"),
    [
        ("MECANICA", [(1, 9), (1, 18)]),
        ("mecânica", [(1, 9), (1, 18)]),
        ("strasse", [(2, 9)]),
        ('": "', [(1, 5), (2, 5)]),
        ("", []),
        ("nada", []),
    ],
)
def test_search_ignores_case_and_accents_and_gives_real_columns(needle, found):
    payload = Payload.from_text('{"no": "Mecânica Mecânica", "nn": "Straße"}')
    assert payload.search(needle) == found


def test_search_in_the_raw_text():
    payload = Payload.from_text('{"a":1,"b":1}')
    assert payload.search("1", raw=True) == [(0, 5), (0, 11)]
    assert payload.search("1") == [(1, 7), (2, 7)]


def test_diff_gives_only_what_changed():
    before = Payload.from_text('{"a":1,"b":"curto","c":3}')
    after = Payload.from_text('{"a":1,"b":"longo","c":3,"d":4}')
    assert diff(before, after) == [
        DiffLine("-", 2, '  "b": "curto",'),
        DiffLine("+", 2, '  "b": "longo",'),
        DiffLine("+", 4, '  "d": 4'),
    ]
    assert diff(before, before) == []
    assert [line.marker for line in diff(Payload.from_text(""), before)] == ["+"] * 5


LINES = st.lists(st.sampled_from("abcdef{}"), max_size=30)


@given(LINES, LINES)
def test_changes_turn_the_one_into_the_other(old, new):
    rebuilt, at = [], 0
    for change in changes(old, new):
        rebuilt += [*old[at : change.old_from], *new[change.new_from : change.new_to]]
        at = change.old_to
    assert rebuilt + old[at:] == new


def test_repeated_lines_do_not_make_a_change_larger_than_it_is():
    assert list(changes("ababab", "aXbabaYb")) == [Change(1, 1, 1, 2), Change(5, 5, 6, 7)]


def test_two_large_answers_that_differ_everywhere_are_compared():
    def answer(word):
        return Payload.from_text(json.dumps([{"Id": number, "Name": f"{word} {number}"} for number in range(20_000)]))

    assert len(diff(answer("Curso"), answer("Turma"))) == 40_000


def test_a_request_as_curl_leaves_the_secrets_out():
    headers = {"X-VTEX-API-AppKey": "chave", "x-vtex-api-apptoken": "segredo", "Cookie": "c", "X-Nota": "d'água"}
    command = as_curl("POST", "https://loja/api?x=1&y=2", '{"Name":"d\'água $HOME"}', headers)
    assert command == (
        "curl -X POST 'https://loja/api?x=1&y=2' \\\n"
        '  -H "X-VTEX-API-AppKey: $VTEX_APP_KEY" \\\n'
        '  -H "x-vtex-api-apptoken: $VTEX_APP_TOKEN" \\\n'
        '  -H "Cookie: $COOKIE" \\\n'
        "  -H 'X-Nota: d'\"'\"'água' \\\n"
        '  --data-raw \'{"Name":"d\'"\'"\'água $HOME"}\''
    )


def test_curl_without_headers_has_those_of_every_request():
    assert as_curl("GET", "https://loja/api") == (
        "curl -X GET https://loja/api \\\n"
        '  -H "X-VTEX-API-AppKey: $VTEX_APP_KEY" \\\n'
        '  -H "X-VTEX-API-AppToken: $VTEX_APP_TOKEN" \\\n'
        "  -H 'Accept: application/json'"
    )
    assert "Content-Type: application/json" in as_curl("PUT", "https://loja/api", "{}")

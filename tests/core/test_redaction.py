"""A secret is found in every form in which it can come back."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtexmon.core.redaction import MASK, Redactor

KEY = "vtexappkey-loja-ABCDEF"
TOKEN = 'Tok/en+com "aspas"&é=42'
REDACTOR = Redactor([KEY, TOKEN])


def all_u(secret: str, case: Callable[[str], str] = str) -> str:
    data = secret.encode("utf-16-be")
    return "".join(f"\\u{case(data[place : place + 2].hex())}" for place in range(0, len(data), 2))


FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda secret: secret,
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json utf-8": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "json slash": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "json in json": lambda secret: json.dumps(json.dumps(secret)[1:-1])[1:-1],
    "all \\u": all_u,
    "all \\U": lambda secret: all_u(secret, str.upper),
    "url": lambda secret: quote(secret, safe=""),
    "url lower": lambda secret: quote(secret, safe="").replace("%2B", "%2b").replace("%2F", "%2f"),
    "url partly": lambda secret: quote(secret),
    "url plus": lambda secret: quote_plus(secret),
    "url all": lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()),
    "url twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "html": html.escape,
    "html numeric": lambda secret: "".join(f"&#{ord(char)};" for char in secret),
}


@pytest.mark.parametrize("secret", [KEY, TOKEN, "C:\\pasta\\segredo", "a&ampb+c%41 d", "chave-🔑-secreta"])
@pytest.mark.parametrize("form", FORMS)
def test_every_escaped_form_is_replaced(form: str, secret: str) -> None:
    text = f'antes {{"x": "{FORMS[form](secret)}"}} depois'

    assert Redactor([secret]).text(text) == f'antes {{"x": "{MASK}"}} depois'


@pytest.mark.parametrize("secret", [KEY, TOKEN])
@pytest.mark.parametrize("before", ["", "u", "us", "user:", "user2:"])
@pytest.mark.parametrize("after", ["", ":", "::"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_found_at_every_alignment(secret: str, before: str, after: str, encode: object) -> None:
    coded = encode((before + secret + after).encode()).decode()  # type: ignore[operator]
    for text in (coded, quote(coded, safe=""), coded.replace("/", "\\/")):
        redacted = REDACTOR.text(f"dado {text} fim")

        assert MASK in redacted
        assert len(redacted) < len(f"dado {MASK} fim") + 18


def test_bytes_are_redacted_and_otherwise_left_as_they_are() -> None:
    assert REDACTOR.bytes(b"\xff" + KEY.encode() + b"\xfe") == b"\xff" + MASK.encode() + b"\xfe"


def test_a_cut_text_does_not_end_in_the_beginning_of_a_secret() -> None:
    assert REDACTOR.text("corpo " + KEY[:-3], cut=True) == "corpo " + MASK
    assert REDACTOR.text("corpo " + KEY[:-3]) == "corpo " + KEY[:-3]


def test_short_secrets_do_not_destroy_texts() -> None:
    assert Redactor(["a", "12", "sp", "loja1"]).text("a loja1 de sp tem 12") == "a loja1 de sp tem 12"


def test_an_empty_redactor_changes_nothing() -> None:
    assert Redactor([]).text('{"a": "\\u0061%20"}') == '{"a": "\\u0061%20"}'


def test_of_two_secrets_the_longer_one_is_taken_first() -> None:
    assert Redactor(["abcdef", "abcdef-ghi"]).text("x abcdef-ghi abcdef") == f"x {MASK} {MASK}"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ('"X-VTEX-API-AppToken": "abc"', f'"X-VTEX-API-AppToken": "{MASK}"'),
        ("'x-vtex-api-appkey': 'abc', 'b': 1", f"'x-vtex-api-appkey': '{MASK}', 'b': 1"),
        (r"{\"X-VTEX-API-AppKey\":\"a b\",\"c\":1}", rf"{{\"X-VTEX-API-AppKey\":\"{MASK}\",\"c\":1}}"),
        ("X-VTEX-API-AppToken: abc\r\nHost: x", f"X-VTEX-API-AppToken: {MASK}\r\nHost: x"),
        ("Cookie: VtexIdclientAutCookie_loja=eyJ.a-b; c=1", f"Cookie: VtexIdclientAutCookie_loja={MASK}; c=1"),
        ("VtexIdclientAutCookie=eyJ", f"VtexIdclientAutCookie={MASK}"),
        ("Authorization: Bearer abc.def\nx", f"Authorization: {MASK}\nx"),
        ("authorization=Basic dTpw", f"authorization={MASK}"),
        ("authorization is needed", "authorization is needed"),
    ],
)
def test_values_beside_a_credential_name_are_replaced(text: str, redacted: str) -> None:
    assert Redactor([]).text(text) == redacted
    assert Redactor([]).text(redacted) == redacted


def test_json_values_and_names_are_redacted() -> None:
    assert REDACTOR.json({KEY: [TOKEN, 1, None, {"a": f"<{KEY}>"}]}) == {MASK: [MASK, 1, None, {"a": f"<{MASK}>"}]}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=8, max_size=40), st.text(max_size=20))
def test_no_secret_survives_in_plain_json_or_url(secret: str, around: str) -> None:
    redactor = Redactor([secret])
    for text in (secret, json.dumps(secret)[1:-1], quote(secret, safe="")):
        if text not in around + MASK + around:
            assert text not in redactor.text(f"{around} {text} {around}")


@given(st.text(), st.text(min_size=6))
def test_any_text_can_be_redacted(text: str, secret: str) -> None:
    Redactor([secret]).text(text, cut=True)

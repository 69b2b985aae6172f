"""Nothing that comes in as XML can hurt, and every refusal says which resource and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import xml
from engine.errors import NotDeployable

BILLION_LAUGHS = (
    b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"""
)


def rule_of(content: bytes) -> str:
    with pytest.raises(NotDeployable) as caught:
        xml.parse(content, "process.bpmn")
    (problem,) = caught.value.problems
    assert problem.resource == "process.bpmn"
    assert problem.reason
    return problem.rule


def test_a_document_comes_back_as_its_root_element() -> None:
    root = xml.parse(
        '<?xml version="1.0" encoding="UTF-8"?><計劃 年="2027">&lt;ok&gt;&#10;</計劃>'.encode(), "r"
    )
    assert (root.tag, root.get("年"), root.text) == ("計劃", "2027", "<ok>\n")


def test_any_document_type_is_refused() -> None:
    assert rule_of(BILLION_LAUGHS) == "xml.doctype"
    assert rule_of(b"<!DOCTYPE html><a/>") == "xml.doctype"
    assert rule_of(BILLION_LAUGHS.decode().encode("utf-16")) == "xml.doctype"


def test_an_entity_in_a_default_attribute_is_never_expanded() -> None:
    assert rule_of(b'<!DOCTYPE a [<!ENTITY x "y"><!ATTLIST a b CDATA "&x;&x;">]><a/>') == "xml.doctype"


def test_no_local_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><a>&x;</a>'
    assert rule_of(entity.encode()) == "xml.doctype"
    include = (
        f'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file://{secret}" parse="text"/></a>'
    )
    assert "hidden" not in "".join(str(text) for text in xml.parse(include.encode(), "r").itertext())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"text",
        b"<a>",
        b"<a></b>",
        b"<a>&unknown;</a>",
        b"<a/><b/>",
        b"\xff\xfe<a/>",
        b"<a b='1' b='2'/>",
    ],
)
def test_what_is_not_well_formed_is_refused(content: bytes) -> None:
    assert rule_of(content) == "xml.syntax"


def test_an_unknown_encoding_is_refused() -> None:
    assert rule_of(b'<?xml version="1.0" encoding="no-such"?><a/>') == "xml.syntax"


def test_a_file_over_the_size_limit_is_refused_unread() -> None:
    assert rule_of(b"<a>" + b" " * xml.MAX_BYTES + b"</a>") == "xml.size"


def test_depth_is_limited() -> None:
    deep = xml.MAX_DEPTH
    assert xml.parse(b"<a>" * deep + b"</a>" * deep, "r").tag == "a"
    assert rule_of(b"<a>" * (deep + 1) + b"</a>" * (deep + 1)) == "xml.depth"


def test_the_number_of_elements_is_limited() -> None:
    assert len(xml.parse(b"<a>" + b"<b/>" * (xml.MAX_ELEMENTS - 1) + b"</a>", "r")) == xml.MAX_ELEMENTS - 1
    assert rule_of(b"<a>" + b"<b/>" * xml.MAX_ELEMENTS + b"</a>") == "xml.elements"


def only_refuses(content: bytes) -> None:
    rules = ["xml."]
    try:
        xml.parse(content, "fuzz")
    except NotDeployable as refused:
        rules = [problem.rule for problem in refused.problems]
    assert all(rule.startswith("xml.") for rule in rules)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_parsed_or_refused(content: bytes) -> None:
    only_refuses(content)


SCRAPS = """<a|<a>|</a>|/>|>|<!DOCTYPE a [|<!ENTITY x 'y'>|]>|&x;|%p;|&#0;|&#x110000;|<?x|?>|<![CDATA[|]]>
|<!--|--> b="1"| xmlns:p=''|<p:a>|\0|計|\ud7ff|\ufeff|<?xml version="1.0"?>
|<?xml version='1.0' encoding='utf-16'?>"""
PIECES = st.sampled_from(SCRAPS.split("|"))


@given(st.lists(PIECES, max_size=12), st.sampled_from(["utf-8", "utf-16", "utf-32", "gb18030"]))
@settings(max_examples=500, deadline=None)
def test_what_almost_looks_like_xml_is_parsed_or_refused(pieces: list[str], encoding: str) -> None:
    only_refuses("".join(pieces).encode(encoding))
    only_refuses(("<a>" + "".join(pieces) + "</a>").encode(encoding))

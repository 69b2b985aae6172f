"""The message catalogues: what there is to translate, gathered from code, templates, models and forms.

``python -m web.messages update`` brings every ``.po`` file up to date with the sources; ``check`` names what is
missing and fails. English is the message id; a process's catalogue has the process key as context.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from lxml import etree

from engine.forms import labels
from engine.xml import parse
from web.i18n import BPMN, LANGUAGES, LOCALES, PROGRAM

PLANFLOW = "urn:planflow:bpmn"

ROOT = LOCALES.parent
PROCESSES = ROOT / "processes"
ROOMS = ("engine", "plans", "web", "webhooks")
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS: Mapping[str, Any] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "translatable": None,
}
JINJA = {"**.html": {"extensions": "jinja2.ext.i18n", "silent": "false"}}

PLACE = re.compile(r"%\((\w+)\)[sd]|\{\{\s*(\w+)\s*\}\}")

NAMED = ("participant", "process", "lane", "startEvent", "endEvent", "task", "userTask", "serviceTask",
         "scriptTask", "businessRuleTask", "sendTask", "receiveTask", "manualTask", "callActivity", "subProcess",
         "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "boundaryEvent",
         "intermediateCatchEvent", "intermediateThrowEvent", "sequenceFlow", "dataObjectReference",
         "dataStoreReference")  # fmt: skip
"""BPMN elements whose names people read on the diagram and in their inbox."""


def extract_bpmn(
    fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], _options: Mapping[str, Any]
) -> Iterator[tuple[int, str | None, str, list[str]]]:
    """Babel extraction method for ``.bpmn``: names, the process's description, outcomes, labels of facts, notices."""
    for element in _elements(fileobj):
        for text in (_told_by(element), *_said_in(element)):
            if text and text.strip():
                yield 0, None, text, []


def _said_in(element: etree._Element) -> Iterator[str]:
    """What the Starlark of a fact or a script says to people."""
    name = etree.QName(element)
    if name.namespace == PLANFLOW and name.localname == "fact":
        yield from _spoken(element.get("value", ""))
    elif name.namespace == BPMN and name.localname == "script":
        yield from _spoken(element.text or "")


def _spoken(source: str) -> Iterator[str]:
    """The texts of an expression or script that begin as a sentence does; keys and codes do not."""
    for node in ast.walk(ast.parse(source.removeprefix("=").strip())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_said(node.value):
            yield node.value


def _is_said(text: str) -> bool:
    return text[:1].isupper() and not text.isupper()


def _told_by(element: etree._Element) -> str | None:
    name = etree.QName(element)
    if name.namespace == PLANFLOW and name.localname in ("outcome", "fact"):
        return element.get("name") or element.get("label")
    if name.namespace == PLANFLOW and name.localname == "input" and element.get("name") == "subject":
        written = element.get("value", "")
        return None if written.startswith("=") else written
    if name.namespace != BPMN:
        return None
    if name.localname == "text" or (name.localname == "documentation" and _of_process(element)):
        return element.text
    return element.get("name") if name.localname in NAMED else None


def _of_process(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and etree.QName(parent).localname == "process"


def extract_dmn(
    fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], _options: Mapping[str, Any]
) -> Iterator[tuple[int, str | None, str, list[str]]]:
    """Babel extraction method for ``.dmn``: names of decisions and columns, and the sentences that rules put out."""
    for element in _elements(fileobj):
        for text in _told_by_table(element):
            if text:
                yield 0, None, text, []


def _told_by_table(element: etree._Element) -> Iterator[str | None]:
    kind = etree.QName(element).localname
    if kind == "decision":
        yield element.get("name")
    elif kind in ("input", "output"):
        yield element.get("label")
    elif kind == "outputEntry":
        yield from _spoken(element.findtext("{*}text") or "")


def extract_form(
    fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], _options: Mapping[str, Any]
) -> Iterator[tuple[int, str | None, str, list[str]]]:
    """Babel extraction method for ``.form``: every text that a person reads; FEEL expressions are left."""
    for text in labels(json.load(fileobj)):
        if not text.startswith("=") and re.search(r"[A-Za-z]{2}", text):
            yield 0, None, text, []


EXTRACTORS = {".bpmn": extract_bpmn, ".dmn": extract_dmn, ".form": extract_form}


def _elements(fileobj: IO[bytes]) -> Iterator[etree._Element]:
    yield from parse(fileobj.read(), getattr(fileobj, "name", "")).iter(tag=etree.Element)


def domains() -> list[str]:
    """The program's domain, and one for each process."""
    return [PROGRAM, *sorted(folder.name for folder in PROCESSES.iterdir() if folder.is_dir())]


def collect(domain: str) -> Catalog:
    """Everything of a domain that there is to translate."""
    catalogue = Catalog(charset="utf-8", project="PlanFlow", fuzzy=False)
    entries = _of_program() if domain == PROGRAM else _of_processes(PROCESSES / domain)
    for place, line, text, context in entries:
        catalogue.add(text, None, locations=[(place, line)], context=context)
    return catalogue


def _of_program() -> Iterator[tuple[str, int, Any, str | None]]:
    for room in ROOMS:
        found = extract_from_dir(
            ROOT / room,
            method_map=METHODS,
            options_map=JINJA,
            keywords=KEYWORDS,
            strip_comment_tags=True,
            directory_filter=lambda folder: not Path(folder).name.startswith((".", "node_modules", "assets")),
        )
        for place, _line, text, _comments, context in found:
            yield f"{room}/{place}", 0, text, context


def _of_processes(folder: Path) -> Iterator[tuple[str, int, Any, str | None]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in EXTRACTORS:
            with path.open("rb") as fileobj:
                for _line, _name, text, _comments in EXTRACTORS[path.suffix](fileobj, (), (), {}):
                    yield path.relative_to(ROOT).as_posix(), 0, text, folder.name


def catalogue_path(domain: str, language: str) -> Path:
    """Where the catalogue of a domain in a language lies."""
    return LOCALES / language / "LC_MESSAGES" / f"{domain}.po"


def read(domain: str, language: str) -> Catalog:
    """The catalogue as it is on disk; an empty one when there is none yet."""
    path = catalogue_path(domain, language)
    if not path.exists():
        return Catalog(locale=Locale.parse(language), charset="utf-8", project="PlanFlow", fuzzy=False)
    with path.open("rb") as fileobj:
        return read_po(fileobj, locale=Locale.parse(language))


def update(domain: str, language: str) -> Path:
    """Bring one catalogue up to date: new texts are added untranslated, old ones go."""
    catalogue = read(domain, language)
    catalogue.update(collect(domain), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path = catalogue_path(domain, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as fileobj:
        write_po(fileobj, catalogue, width=110, sort_output=True, omit_header=False, include_lineno=False)
    return path


def problems(domain: str, language: str) -> Iterator[str]:
    """What is wrong with one catalogue: untranslated, fuzzy, or with other places than the English text."""
    translated = read(domain, language)
    for message in _messages(collect(domain)):
        found = translated.get(message.id, message.context)
        where = f"{language}/{domain}: {_one(message.id)!r}"
        if found is None or not _one(found.string):
            yield f"{where} is not translated"
        elif found.fuzzy:
            yield f"{where} is fuzzy"
        elif _places(message.id) != _places(found.string):
            yield f"{where} has other places than {_one(found.string)!r}"


def _messages(catalogue: Catalog) -> Iterable[Message]:
    return (message for message in catalogue if message.id)


def _one(text: Any) -> str:
    return str(text[-1] if isinstance(text, list | tuple) else text)


def _places(text: Any) -> set[str]:
    return {first or second for first, second in PLACE.findall(_one(text))}


def main(arguments: list[str]) -> int:
    """The command: ``update`` or ``check``."""
    pairs = [(domain, language) for domain in domains() for language in LANGUAGES if language != "en"]
    if arguments == ["update"]:
        for domain, language in pairs:
            sys.stdout.write(f"{update(domain, language).relative_to(ROOT)}\n")
        return 0
    if arguments == ["check"]:
        found = [problem for domain, language in pairs for problem in problems(domain, language)]
        sys.stdout.writelines(f"{problem}\n" for problem in found)
        return 1 if found else 0
    sys.stderr.write("usage: python -m web.messages update|check\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

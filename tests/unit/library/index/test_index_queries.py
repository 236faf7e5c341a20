"""Whatever is asked, the index finds what the plain matcher finds, in the order that was asked for."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.query_texts import GENERATIONS, NOW, QUERIES

from tui.domain.generation import Generation
from tui.domain.query import Query, matches, parse
from tui.domain.query.folding import fold
from tui.domain.query.terms import All, Choice, Date, Not, Number, OneOf, Words
from tui.domain.sorting import SORTS, Sort
from tui.library.index import Finder, Index
from tui.library.names import stamp_of

_SIGNS = st.sampled_from(("<", "<=", "=", ">=", ">"))
_TAGS = st.sampled_from((("best", "of"), ("of",), ("red", "fox"), ("of", "雪")))
_WORDS = st.builds(
    Words,
    st.sampled_from(
        (("fox",), ("red", "fox"), ("fo",), ("雪",), ("雪", "の"), ("strasse",), ("cafe",), ("or",), ("20261122",))
    ),
    st.booleans(),
    st.sampled_from(("any", "model", "tag", "id", "parent")),
)
_TERMS = st.one_of(
    _WORDS,
    st.builds(Words, st.just(("01937d2e", "1a2b")), st.booleans(), st.sampled_from(("id", "parent"))),
    st.builds(Words, st.just(("20261122", "103000", "2")), st.booleans(), st.just("id")),
    st.builds(Words, st.sampled_from((("3", "pro"), ("gemini",), ("x", "high"))), st.booleans(), st.just("model")),
    st.builds(Words, _TAGS, st.booleans(), st.just("tag")),
    st.builds(Number, st.just("rating"), _SIGNS, st.integers(0, 5)),
    st.builds(
        Number,
        st.sampled_from(("w", "h")),
        st.sampled_from(("<", "<=", "=", ">=", ">")),
        st.sampled_from((0, 9, 16, 2000)),
    ),
    st.builds(Choice, st.just("ratio"), st.sampled_from(("1:1", "16:9", "7:5"))),
    st.builds(Choice, st.just("size"), st.sampled_from(("1K", "2K"))),
    st.builds(Choice, st.just("type"), st.sampled_from(("png", "jpeg", "gif"))),
    st.builds(Choice, st.just("star"), st.sampled_from(("yes", "no"))),
    st.builds(Choice, st.just("has"), st.sampled_from(("reference", "text", "note", "warning"))),
    st.builds(Choice, st.just("is"), st.sampled_from(("failed", "missing", "foreign", "trashed"))),
    st.builds(
        Date,
        st.sampled_from(("after", "before", "on")),
        st.sampled_from(("today", "yesterday", "week", "month", "2026", "2026-11", "2026-11-29", "monday", "1999")),
    ),
)
TREES = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, max_size=4).map(tuple).map(All),
        st.lists(inner, min_size=1, max_size=4).map(tuple).map(OneOf),
    ),
    max_leaves=12,
)


@st.composite
def libraries(draw: st.DrawFn) -> list[Generation]:
    """Some generations, each with a stem of its own; several may be of one moment."""
    drawn = draw(st.lists(st.tuples(GENERATIONS, st.booleans(), st.sampled_from((None, 0.5, 3.0, 3.01))), max_size=8))
    made = []
    for number, (generation, foreign_name, elapsed) in enumerate(drawn):
        stem = f"cat{number}.png" if foreign_name else f"{stamp_of(generation.created_at)}-{number + 2}"
        made.append(replace(generation, stem=stem, elapsed=elapsed))
    return made


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("queries")
    opened = Index.open(folder / "library", folder / "cache")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def finder(index: Index) -> Iterator[Finder]:
    opened = index.finder()
    yield opened
    opened.close()


def fill(index: Index, finder: Finder, generations: list[Generation]) -> list[Generation]:
    """Have just these in the index; they, newest first."""
    ids = finder.find(parse(""), "newest", NOW)
    index.drop(index.rows(ids).values())
    index.put(generations)
    there = finder.find(parse(""), "newest", NOW)
    rows = index.rows(there)
    return [rows[id] for id in there]


def ordered(newest_first: list[Generation], sort: Sort) -> list[Generation]:
    def pixels(each: Generation) -> int:
        image = each.final_image
        return image.width * image.height if image else 0

    keys = {
        "newest": lambda each: 0,
        "rating": lambda each: -each.user.rating,
        "model": lambda each: (each.model == "", fold(each.model), each.model),
        "size": lambda each: -pixels(each),
        "elapsed": lambda each: 1 if each.elapsed is None else -each.elapsed,
    }
    return newest_first[::-1] if sort == "oldest" else sorted(newest_first, key=keys[sort])


Look = tuple[Query, Sort, int | None]


def check(index: Index, finder: Finder, newest_first: list[Generation], look: Look) -> None:
    query, sort, limit = look
    wanted = [each.stem for each in ordered(newest_first, sort) if matches(query, each, NOW)]
    ids = finder.find(query, sort, NOW, limit)
    rows = index.rows(ids)
    assert [rows[id].stem for id in ids] == wanted[:limit]


_SORTS = st.sampled_from([way.name for way in SORTS])
_LIMITS = st.sampled_from((None, 1, 2, 200))
LOOKS = st.lists(
    st.tuples(st.one_of(TREES.map(lambda root: Query("", root)), QUERIES.map(parse)), _SORTS, _LIMITS),
    min_size=5,
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(libraries(), LOOKS)
def test_it_finds_what_the_matcher_finds(
    index: Index, finder: Finder, generations: list[Generation], looks: list[Look]
) -> None:
    newest_first = fill(index, finder, generations)
    assert sorted(each.stem for each in newest_first) == sorted(each.stem for each in generations)
    for look in looks:
        check(index, finder, newest_first, look)

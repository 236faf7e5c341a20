"""Queries and prompts as people write them, and as nobody would, for property tests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from tui.domain.generation import (
    Generation,
    GenerationWarning,
    ImageFile,
    KeptReference,
    ReplySummary,
    UserMarks,
)

NOW = datetime(2026, 11, 30, 15, 0).astimezone()

_SCRIPTS = (
    "aAbzßıİøŁñéœ1²９Ｆσςゅかが゛ﾞｶ漢雪ー狐กีดิ่एकि공여우"
    "ᄀ가ㅏאבָعـأ🦊❤️👩‍🎨🏽-_'’.,:()\"“ \t\n\u3000\u200d\u00ad\u0301\u0338\u3099"
)
NASTY = st.text(st.one_of(st.sampled_from(list(_SCRIPTS)), st.characters()), max_size=30)
"""Texts of all scripts, full of what joins, vanishes and changes width."""

_WORDS = ("red", "fox", "foxes", "snow", "straße", "Café", "雪の狐", "狐", "16:9", "3", "pro", "-", "!!")
_VALUES = (
    *("pro", '"3 pro"', "flash", "16:9", "2k", "fox", '"red fox"', ">=3", "<2", "5", "9", "yes", "", "no", "2026-11"),
    *("2026", "today", "week", "monday", "reference", "text", "note", "warning", "failed", "missing", "trashed"),
    *("foreign", ">20", "jpeg", "png", "0193", "雪", '"open', "X(high)", "2026-13", "nonsense"),
)
_KEY_NAMES = (
    *("model", "ratio", "size", "tag", "rating", "star", "after", "before", "on", "has", "is", "id", "parent"),
    *("w", "h", "type", "moddel", "Style", "or"),
)
_term = st.one_of(
    st.sampled_from(_WORDS),
    st.sampled_from(("or", "OR", "(", ")", '"red fox"', '"fox', "-(", "--ar")),
    st.builds("{}:{}".format, st.sampled_from(_KEY_NAMES), st.sampled_from(_VALUES)),
    NASTY,
)
QUERIES = st.lists(st.builds("{}{}".format, st.sampled_from(("", "", "", "-", "(")), _term), max_size=9).map(" ".join)
"""Queries with everything the grammar has, right and wrong."""

_PROMPTS = st.one_of(
    st.lists(st.sampled_from((*_WORDS, "or", "at dusk,", "Fox-hunt", "FOXES", "")), max_size=7).map(" ".join), NASTY
)
_IMAGES = st.builds(
    ImageFile,
    path=st.just(Path("image_0.png")),
    mime=st.sampled_from(("image/png", "image/jpeg")),
    width=st.sampled_from((0, 16, 2048)),
    height=st.sampled_from((0, 9, 1024)),
    bytes=st.just(1),
    role=st.sampled_from(("final", "draft", "copy")),
    missing=st.booleans(),
)
GENERATIONS = st.builds(
    Generation,
    id=st.sampled_from(("01937d2e-1a2b-7000-8000-00000000beef", "20261122_103000-2", "fox")),
    stem=st.sampled_from(("20261122_103000", "20261122_103000-2")),
    created_at=st.integers(-500, 2).map(lambda days: NOW.astimezone(UTC) + timedelta(days=days)),
    prompt=_PROMPTS,
    model=st.sampled_from(("", "gemini-3-pro-image", "google/gemini-3.1-flash-image", "X(high)")),
    aspect_ratio=st.sampled_from(("", "1:1", "16:9")),
    image_size=st.sampled_from(("", "1K", "2k", "2K")),
    references=st.sampled_from(((), (KeptReference("a.png", "", "image/png"),))),
    parent=st.sampled_from((None, "01937d2e-1a2b-7000-8000-00000000beef")),
    reply=st.builds(ReplySummary, text=st.sampled_from((None, "", "Here it is"))),
    images=st.lists(_IMAGES, max_size=2).map(tuple),
    warnings=st.sampled_from(((), (GenerationWarning("size_mismatch", "small"),))),
    user=st.builds(
        UserMarks,
        starred=st.booleans(),
        rating=st.integers(0, 5),
        tags=st.lists(st.sampled_from(("fox", "red fox", "雪", "Best of")), max_size=2, unique=True).map(tuple),
        notes=st.sampled_from(("", "print this", "snow")),
    ),
    foreign=st.booleans(),
    damage=st.sampled_from((None, "The metadata is damaged.")),
)

"""What a query finds: the same as a plain reading of every prompt would, and the parts it was found by."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.query_texts import GENERATIONS, NASTY, NOW, QUERIES

from tui.domain.generation import Generation, ImageFile, UserMarks
from tui.domain.query import haystack, matcher, matches, parse, spans_in
from tui.domain.query.dates import SPOKEN, days_of, read_when
from tui.domain.query.folding import words_of
from tui.domain.query.terms import All, Choice, Date, Node, Not, Number, OneOf, Words

FOX = Generation(
    "01937d2e-1a2b-7000-8000-00000000beef",
    "20261122_103000-2",
    datetime(2026, 11, 22, 10, 30).astimezone(),
    "A red fox in deep snow, Café at dusk",
    model="google/gemini-3-pro-image",
    aspect_ratio="16:9",
    image_size="2K",
    images=(ImageFile(Path("a.jpg"), "image/jpeg", 2752, 1536, 9),),
    user=UserMarks(starred=True, rating=4, tags=("winter", "Best of"), notes="Print this"),
)
JAPANESE = replace(FOX, prompt="夕暮れの雪の中の狐、水彩", user=UserMarks())
THAI = replace(FOX, prompt="สุนัขจิ้งจอกในหิมะ", user=UserMarks())
BARE = Generation("fox", "20251224_180000", datetime(2025, 12, 24, 18).astimezone(), "", foreign=True)


@pytest.mark.parametrize(
    "query",
    [
        *("fox", "FO", "snow fox", "cafe dus", "red-fox", '"deep snow"', "-cat", "cat or fox", "-(cat or hare) red"),
        *("winter", "print", "gemini", "model:pro", "model:gemini-3-pro", 'model:"pro image"'),
        *("16:9", "ratio:16:9", "size:2k", "tag:wint", "tag:best", 'tag:"best of"', "rating:>=3", "rating:4", "star:"),
        *(
            "after:2026-11",
            "after:2026-11-22",
            "before:2026-12",
            "on:2026-11-22",
            "on:2026",
            "after:month",
        ),
        *("has:note", "-has:reference", "-is:failed", "-is:missing", "-is:trashed", "-is:foreign"),
        *("id:01937d2e-1a", "id:20261122_103000-2", "id:2026", "w:>2000", "h:1536", "w:<=2752", "type:jpg"),
        *("fox moddel:x", "fox or", ""),
    ],
)
def test_it_is_found(query: str) -> None:
    assert matches(parse(query), FOX, NOW)
    opposite = parse(f"-({query})")
    assert opposite.finds_all or not matches(opposite, FOX, NOW)


@pytest.mark.parametrize(
    "query",
    [
        *("ox", "fox hare", '"red fo"', '"fox red"', "snow-fox", "-fox", "2026", "of-print"),
        *("model:flash", "9:16", "size:1K", 'tag:"best"', "tag:fox", "rating:<4", "star:no"),
        *("after:2026-12", "before:2026-11-22", "on:2026-10", "on:week", "on:today", "before:2026"),
        *("has:text", "is:foreign", "is:trashed", "id:1937", "id:1a2b", "parent:01", "w:<2000", "type:png"),
    ],
)
def test_it_is_not_found(query: str) -> None:
    assert not matches(parse(query), FOX, NOW)


@pytest.mark.parametrize("query", ["狐", "雪の中", "水彩 夕", '"雪の中の狐"', "雪 -犬"])
def test_japanese_is_found_by_any_part(query: str) -> None:
    assert matches(parse(query), JAPANESE, NOW)
    assert not matches(parse(query), FOX, NOW)


@pytest.mark.parametrize("query", ["จิ้งจอก", "หิมะ", "สุนัข หิมะ"])
def test_thai_is_found_by_any_part(query: str) -> None:
    assert matches(parse(query), THAI, NOW)


def test_signs_of_a_word_stand_side_by_side() -> None:
    assert not matches(parse("雪狐"), JAPANESE, NOW)
    assert matches(parse("雪 狐"), JAPANESE, NOW)


def test_a_picture_without_a_prompt_is_found_by_its_name_and_fails_without_a_picture() -> None:
    assert matches(parse("20251224 is:foreign is:failed on:2025-12"), BARE, NOW)
    assert not matches(parse("w:<5"), BARE, NOW)


def test_words_of_two_places_do_not_stand_side_by_side() -> None:
    assert not matches(parse('"dusk print"'), FOX, NOW)


def test_what_lies_in_the_trash_is_told_by_whom_it_was_made_ready() -> None:
    find = matcher(parse("is:trashed fox"), NOW)
    assert find(haystack(FOX, trashed=True))
    assert not find(haystack(FOX))


@pytest.mark.parametrize(
    ("query", "days_ago"),
    [
        *(("on:today", [0]), ("on:yesterday", [1]), ("on:week", [0, 1, 6]), ("on:month", [0, 1, 6, 8, 29])),
        *(("on:monday", [0]), ("on:sunday", [1]), ("on:tuesday", [6]), ("before:week", [8, 29, 30])),
    ],
)
def test_days_are_counted_from_today(query: str, days_ago: list[int]) -> None:
    assert NOW.weekday() == 0
    find = matcher(parse(query), NOW)
    made = {ago: replace(FOX, created_at=NOW - timedelta(days=ago)) for ago in (0, 1, 6, 8, 29, 30)}
    assert [ago for ago, each in made.items() if find(haystack(each))] == days_ago


def test_a_day_begins_at_midnight() -> None:
    first = replace(FOX, created_at=datetime(2026, 11, 22).astimezone())
    assert matches(parse("on:2026-11-22 after:2026-11-22 -before:2026-11-22"), first, NOW)
    last = replace(FOX, created_at=first.created_at - timedelta(microseconds=1))
    assert matches(parse("on:2026-11-21 -after:2026-11-22 before:2026-11-22"), last, NOW)


@given(st.from_regex(r"(19|20)[0-9]{2}([-/.][0-9]{1,2}){0,2}", fullmatch=True) | st.sampled_from(SPOKEN), st.dates())
def test_what_is_taken_for_a_time_has_a_first_day_and_a_last(text: str, today: date) -> None:
    assume(date(1900, 3, 1) < today < date(2100, 1, 1))
    when = read_when(text)
    if when is not None:
        first, after = days_of(when, today)
        assert first < after <= first + timedelta(days=366)
        assert read_when(when) == when


def is_side_by_side(wanted: Words, text: str, *, at: str = "anywhere") -> bool:
    """Word by word, at every place."""
    words = words_of(text)
    size = len(wanted.words)
    for place in range(len(words) - size + 1):
        stretch = words[place : place + size]
        fits = stretch == wanted.words if wanted.whole else stretch[:-1] == wanted.words[:-1]
        begun = stretch[-1].startswith(wanted.words[-1])
        if fits and begun and (place == 0 or at == "anywhere") and (at != "all" or size == len(words)):
            return True
    return False


def plainly(node: Node, one: Generation) -> bool:
    """Whether a term finds a generation, without any preparation."""
    match node:
        case All():
            return all(plainly(part, one) for part in node.parts)
        case OneOf():
            return any(plainly(part, one) for part in node.parts)
        case Not():
            return not plainly(node.part, one)
        case Words():
            user = one.user
            texts, at = {
                "any": ((one.prompt or one.stem, user.notes, one.model, *user.tags), "anywhere"),
                "model": ((one.model,), "anywhere"),
                "tag": (user.tags, "all" if node.whole else "anywhere"),
                "id": ((one.id, one.stem), "all" if node.whole else "start"),
                "parent": ((one.parent or "",), "all" if node.whole else "start"),
            }[node.place]
            return any(is_side_by_side(node, text, at=at) for text in texts)
        case Number():
            image = one.final_image
            pixels = {"w": image.width, "h": image.height} if image else {"w": 0, "h": 0}
            value = one.user.rating if node.key == "rating" else pixels[node.key]
            if node.key != "rating" and value == 0:
                return False
            signs = ("<=" if value == node.value else "", ">=" if value == node.value else "")
            order = "<" if value < node.value else ">" if value > node.value else "="
            return node.sign in (order, *signs, f"{order}=" if order != "=" else "")
        case Date():
            first, after = days_of(node.when, NOW.date())
            day = one.created_at.astimezone().date()
            return {"after": day >= first, "before": day < first, "on": first <= day < after}[node.key]
        case Choice():
            image = one.final_image
            true = {
                f"ratio:{one.aspect_ratio}",
                f"size:{one.image_size.upper()}",
                f"type:{image.mime.removeprefix('image/')}" if image else "",
                f"star:{'yes' if one.user.starred else 'no'}",
                "has:reference" if one.references else "",
                "has:text" if one.reply.text else "",
                "has:note" if one.user.notes else "",
                "has:warning" if one.warnings else "",
                "is:failed" if one.damage or not one.images else "",
                "is:missing" if any(each.missing for each in one.images) else "",
                "is:foreign" if one.foreign else "",
            }
            return f"{node.key}:{node.value}" in true


@given(QUERIES, GENERATIONS)
@settings(max_examples=120)
def test_it_finds_what_a_plain_reading_finds(text: str, one: Generation) -> None:
    query = parse(text)
    assert matches(query, one, NOW) == plainly(query.root, one)


def highlighted(query: str, text: str) -> str:
    for start, end in reversed(spans_in(parse(query), text)):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("fo cafe", "A red [fo]x in deep snow, [Café] at dusk"),
        ('"deep snow" -red', "A red fox in [deep snow], Café at dusk"),
        ("red or (dusk tag:winter)", "A [red] fox in deep snow, Café at [dusk]"),
        ("red red-fox", "A [red fox] in deep snow, Café at dusk"),
        ("model:pro rating:>3 star:", "A red fox in deep snow, Café at dusk"),
    ],
)
def test_the_parts_that_were_found_are_told_as_they_are_written(query: str, shown: str) -> None:
    assert highlighted(query, FOX.prompt) == shown


def test_parts_are_told_in_any_script() -> None:
    assert highlighted("雪の中 水", JAPANESE.prompt) == "夕暮れの[雪の中]の狐、[水]彩"
    assert highlighted("雪 の", "雪の狐") == "[雪の]狐"
    assert highlighted("stras ガラ", "Die Straße, ｶﾞﾗｽ") == "Die [Straß]e, [ｶﾞﾗ]ｽ"


@given(QUERIES, NASTY)
def test_parts_lie_in_the_text_apart_and_in_order(query: str, text: str) -> None:
    last = -1
    for span in spans_in(parse(query), text):
        assert last < span.start < span.end <= len(text)
        last = span.end


@given(NASTY, NASTY)
def test_a_prompt_found_by_one_word_shows_where(word: str, prompt: str) -> None:
    query = parse(f'"{word.replace(chr(34), "")}"')
    one = Generation("x", "y", NOW, prompt)
    if isinstance(query.root, Words) and prompt:
        assert matches(query, one, NOW) == bool(spans_in(query, prompt))

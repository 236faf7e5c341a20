"""What came against what was asked for: every real difference is told with its reason, and nothing else is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.delivered import asked_words, differences, loses
from tui.domain.generation import Generation, GenerationWarning, ReplySummary
from tui.domain.options import MODELS, ImageModel
from tui.domain.reply import ReceivedImage, Reply
from tui.domain.request import Reference, Request
from tui.domain.words import one_line

PRO = "gemini-3-pro-image"
ALL_OF_THE_TABLE = [
    (model, ratio, size)
    for model in MODELS
    for size in model.sizes
    for ratio in model.ratios
    if ratio in model.pixels[size]
]
CREATED = datetime(2026, 11, 22, tzinfo=UTC)
FOX = Reference(Path("/fox.png"), "image/png", 9, "")


def reply(width: int, height: int, *, model: str | None = None, mime: str = "image/png") -> Reply:
    image = ReceivedImage(Path("picture"), mime, width, height, 9, "")
    return Reply((image,), ReplySummary(model=model))


def codes(request: Request, answer: Reply) -> list[str]:
    return [each.code for each in differences(request, answer)]


@pytest.mark.parametrize(("model", "ratio", "size"), ALL_OF_THE_TABLE)
def test_what_the_table_promises_is_no_difference(model: ImageModel, ratio: str, size: str) -> None:
    request = Request("a fox", model.id, ratio, size)
    assert codes(request, reply(*model.pixels[size][ratio], model=model.id)) == []


def test_every_size_and_ratio_of_the_table_was_looked_at() -> None:
    assert {model.id for model, _, _ in ALL_OF_THE_TABLE} == {model.id for model in MODELS}
    assert len(ALL_OF_THE_TABLE) == sum(len(model.sizes) * len(model.ratios) for model in MODELS)


@given(
    asked=st.sampled_from(ALL_OF_THE_TABLE),
    wider=st.floats(-0.008, 0.008),
    higher=st.floats(-0.008, 0.008),
)
@settings(max_examples=300)
def test_a_few_pixels_more_or_less_are_no_difference(
    asked: tuple[ImageModel, str, str], wider: float, higher: float
) -> None:
    model, ratio, size = asked
    width, height = model.pixels[size][ratio]
    answer = reply(int(width * (1 + wider)), int(height * (1 + higher)))
    assert codes(Request("a fox", model.id, ratio, size), answer) == []


@pytest.mark.parametrize(("model", "ratio", "size"), ALL_OF_THE_TABLE)
def test_another_size_or_ratio_of_the_same_model_is_always_told(model: ImageModel, ratio: str, size: str) -> None:
    request = Request("a fox", model.id, ratio, size)
    for other_size in model.sizes:
        for other_ratio in model.ratios:
            expected = ["ratio_mismatch"] * (other_ratio != ratio) + ["size_mismatch"] * (other_size != size)
            assert codes(request, reply(*model.pixels[other_size][other_ratio])) == expected


@given(
    width=st.integers(0, 20_000), height=st.integers(0, 20_000), model=st.text(max_size=20), told=st.text(max_size=20)
)
@settings(max_examples=200)
def test_any_answer_is_judged_and_told_on_one_line(width: int, height: int, model: str, told: str) -> None:
    request = Request("a fox", model if model.strip() else PRO)
    for each in differences(request, reply(width, height, model=told)):
        assert each.message.endswith(".")
        assert each.message == one_line(each.message)


@pytest.mark.parametrize(
    ("ratio", "size", "got", "told"),
    [
        ("16:9", "2K", (1376, 768), ["Asked for 2K (2752×1536), got 1376×768."]),
        ("16:9", "1K", (1024, 1024), ["Asked for 16:9, got 1:1 (1024×1024)."]),
        ("16:9", "4K", (1000, 700), ["Asked for 16:9, got 1000×700.", "Asked for 4K (5504×3072), got 1000×700."]),
        ("16:9", "1K", (1408, 768), []),
        ("2:3", "1K", (832, 1248), []),
        ("16:9", "1K", (0, 0), []),
    ],
)
def test_ratio_comes_first_and_both_say_what_came(ratio: str, size: str, got: tuple[int, int], told: list[str]) -> None:
    found = differences(Request("a fox", PRO, ratio, size), reply(*got))
    assert len(found) == len(told)
    for each, words in zip(found, told, strict=True):
        assert each.message.startswith(words)


@pytest.mark.parametrize("model", ["gemini-3-pro-image", "gemini-2.5-flash-image", "somebody/else"])
def test_the_wider_picture_that_others_measured_is_no_difference(model: str) -> None:
    assert codes(Request("a fox", model, "16:9"), reply(1408, 768)) == []


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "image/webp"])
def test_the_type_of_the_file_is_the_models_choice(mime: str) -> None:
    assert codes(Request("a fox", PRO), reply(1024, 1024, mime=mime)) == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (PRO, None),
        (PRO, ""),
        (PRO, "model"),
        (PRO, "gemini-3-pro-image-preview"),
        ("gemini-3-pro-image-preview", PRO),
        ("agy/gemini-3.1-flash-image", "gemini-3.1-flash-image"),
        ("gemini-3-pro-image", "google/gemini-3-pro-image-20251120"),
        ("google/gemini-2.5-flash-image:free", "google/gemini-2.5-flash-image"),
        ("gemini-3-pro-image(high)", "gemini-3-pro-image"),
        ("gemini-3.1-flash-image", "Gemini-3-1-Flash-Image"),
        ("gemini-3-pro-image", "models/gemini-3-pro-image"),
        ("nano-banana-2", "gemini-3.1-flash-image"),
        ("gpt-image-2", "gpt-image-2-2026-04"),
    ],
)
def test_another_spelling_of_a_name_is_no_other_model(asked: str, told: str | None) -> None:
    assert codes(Request("a fox", asked), reply(1024, 1024, model=told)) == []


@pytest.mark.parametrize(
    "told", ["gemini-2.5-flash-image", "gemini-3.1-flash-image", "imagen-4.0-generate-001", "gpt-image-2"]
)
def test_another_model_is_told_by_both_names(told: str) -> None:
    (found,) = differences(Request("a fox", PRO), reply(1024, 1024, model=told))
    assert found.code == "model_mismatch"
    assert PRO in found.message
    assert told in found.message


def test_lite_is_not_its_larger_sister() -> None:
    request = Request("a fox", "gemini-3.1-flash-image")
    assert codes(request, reply(1024, 1024, model="gemini-3.1-flash-lite-image")) == ["model_mismatch"]


def test_a_model_without_size_control_is_the_reason_where_it_answered() -> None:
    answer = reply(1344, 768, model="gemini-2.5-flash-image")
    for asked in (PRO, "nano-banana-pro"):
        found = {each.code: each.message for each in differences(Request("a fox", asked, "16:9", "4K"), answer)}
        assert "gemini-2.5-flash-image has no size control" in found["size_mismatch"]


def test_an_alias_is_measured_by_the_model_that_answered() -> None:
    request = Request("a fox", "nano-banana-pro", "16:9", "4K")
    assert codes(request, reply(1376, 768, model=PRO)) == ["size_mismatch"]
    assert codes(request, reply(5504, 3072, model=PRO)) == []
    assert codes(request, reply(1376, 768)) == []


def test_antigravity_is_named_for_a_size_that_was_ignored() -> None:
    for name in ("gemini-3.1-flash-image", "agy/gemini-3.1-flash-image"):
        (found,) = differences(Request("a fox", name, "1:1", "4K"), reply(1024, 1024))
        assert "Antigravity" in found.message


def test_the_id_that_loses_options_is_named_with_the_one_that_keeps_them() -> None:
    request = Request("a fox", "gemini-2.5-flash-image-preview", "16:9", references=(FOX,))
    (found,) = differences(request, reply(1024, 1024))
    assert "for gemini-2.5-flash-image-preview; gemini-2.5-flash-image goes" in found.message
    assert "ratio" in (loses(request.model, has_references=True) or "")
    assert "ratio" not in (loses(f"team/{request.model}", has_references=False) or "ratio")
    assert loses("gemini-2.5-flash-image", has_references=True) is None


def test_a_reference_may_have_given_its_shape() -> None:
    (found,) = differences(Request("a fox", PRO, "16:9", references=(FOX,)), reply(1024, 1024))
    assert "reference" in found.message


def test_a_ratio_is_judged_where_no_pixels_are_published_and_a_size_is_not() -> None:
    request = Request("a fox", "somebody/else", "16:9", "4K")
    assert codes(request, reply(1024, 1024)) == ["ratio_mismatch"]
    assert codes(request, reply(1600, 900)) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((), None),
        (("model_mismatch",), None),
        (("size_mismatch",), "4K"),
        (("ratio_mismatch",), "16:9"),
        (("ratio_mismatch", "size_mismatch", "cut_off"), "4K 16:9"),
    ],
)
def test_what_was_asked_is_said_in_short_where_it_differs(found: tuple[str, ...], words: str | None) -> None:
    warnings = tuple(GenerationWarning(code, "") for code in found)
    made = Generation("1", "1", CREATED, "a fox", aspect_ratio="16:9", image_size="4K", warnings=warnings)
    assert asked_words(made) == words

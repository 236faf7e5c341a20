"""Which names make pictures, under which id a model is served, and what comes nearest to one that is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.options import MODELS, find_model
from tui.domain.served import family_of, is_on_images_route, makes_pictures, nearest_served, route_note, served_as

PRO, FLASH, FLASH_25 = "gemini-3-pro-image", "gemini-3.1-flash-image", "gemini-2.5-flash-image"
TEXT = ("gemini-3-pro-preview", "gemini-3.1-flash-lite", "claude-opus-4-6-thinking", "gpt-oss-120b-medium")
IMAGES_ROUTE = ("gpt-image-1.5", "gpt-image-2", "grok-imagine-image", "grok-imagine-image-quality", "team/gpt-image-2")

prefixes = st.sampled_from(["", "agy/", "team/", "google/", "a/b/"])
names = st.sampled_from(
    [
        *(model.id for model in MODELS),
        *(f"{model.id}-preview" for model in MODELS),
        *TEXT,
        *IMAGES_ROUTE,
        "imagen-4.0-generate-001",
        "nano-banana-pro",
        "nano-banana-2",
        "flux.2-pro",
    ]
)
ids = st.builds(str.__add__, prefixes, names)
lists = st.lists(ids, unique=True).map(tuple)


@pytest.mark.parametrize(
    "name",
    [*(model.id for model in MODELS), "imagen-4.0-fast-generate-001", "agy/gemini-3.1-flash-image", "nano-banana-2"],
)
def test_models_that_make_pictures_are_told_by_their_names(name):
    assert makes_pictures(name)


@pytest.mark.parametrize("name", [*TEXT, *IMAGES_ROUTE, ""])
def test_text_models_and_those_of_the_images_route_make_none_on_chat(name):
    assert not makes_pictures(name)


@pytest.mark.parametrize(
    ("name", "served", "sent"),
    [
        (PRO, (PRO, f"{PRO}-preview", f"team/{PRO}"), PRO),
        (f"{PRO}-preview", (PRO,), PRO),
        (PRO, (f"{PRO}-preview",), f"{PRO}-preview"),
        (PRO, (f"team/{PRO}",), f"team/{PRO}"),
        (f"{PRO}-preview", (f"team/{PRO}",), f"team/{PRO}"),
        (f"agy/{PRO}", (PRO,), PRO),
        (f"agy/{PRO}-preview", (f"agy/{PRO}", PRO), f"agy/{PRO}"),
        (f"{PRO}(high)", (f"team/{PRO}",), f"team/{PRO}(high)"),
        (f"{PRO}(high)", (PRO,), f"{PRO}(high)"),
        (PRO, (FLASH, *TEXT), None),
        (PRO, (), None),
    ],
)
def test_the_id_to_send_is_the_one_of_the_list(name, served, sent):
    assert served_as(name, served) == sent


@pytest.mark.parametrize(
    ("name", "served", "nearest"),
    [
        (f"{PRO}-preview", (*TEXT, FLASH, "nano-banana-pro", PRO), PRO),
        (f"{PRO}-preview", (*TEXT, FLASH, "nano-banana-pro"), "nano-banana-pro"),
        (f"{PRO}-preview", (FLASH_25, FLASH, "imagen-4.0-generate-001"), FLASH),
        (f"{PRO}-preview", (FLASH_25, "acme-image", "imagen-4.0-generate-001"), FLASH_25),
        (FLASH_25, (FLASH, f"{FLASH_25}-preview"), f"{FLASH_25}-preview"),
        ("no-such-model", (FLASH_25, f"{FLASH}-preview", f"team/{FLASH}", FLASH), FLASH),
        ("no-such-model", ("imagen-4.0-generate-001", "acme-image"), "acme-image"),
        (PRO, (PRO,), None),
        (PRO, (*TEXT, *IMAGES_ROUTE), None),
    ],
)
def test_what_is_offered_is_the_same_model_then_its_family_then_the_best(name, served, nearest):
    assert nearest_served(name, served) == nearest


@given(name=ids | st.text(max_size=12), served=lists)
def test_whatever_is_offered_is_served_makes_pictures_and_is_another(name, served):
    offered = nearest_served(name, served)
    if offered is None:
        assert not [each for each in served if makes_pictures(each) and each != name]
    else:
        assert offered in served
        assert offered != name
        assert makes_pictures(offered)
        assert not is_on_images_route(offered)


@given(name=ids | st.text(max_size=12), served=lists)
def test_the_id_to_send_is_always_one_of_the_list_and_an_exact_one_wins(name, served):
    sent = served_as(name, served)
    assert sent is None or sent in served
    assert (sent == name) == (name in served)


@given(name=ids, served=lists, data=st.data())
def test_the_order_of_the_list_does_not_matter(name, served, data):
    shuffled = data.draw(st.permutations(served))
    assert served_as(name, shuffled) == served_as(name, served)
    assert nearest_served(name, shuffled) == nearest_served(name, served)


@given(prefix=prefixes, name=names)
def test_a_prefix_changes_neither_family_nor_ability(prefix, name):
    assert makes_pictures(prefix + name) == makes_pictures(name)
    assert family_of(prefix + name) == family_of(name)


def test_prefix_preview_and_thinking_level_find_the_same_row_of_the_table():
    rows = {find_model(name).label for name in (PRO, f"team/{PRO}", f"{PRO}-preview(high)", f"{PRO}(8192)")}
    assert rows == {"3 Pro"}
    assert not find_model("acme(high)").known


def test_what_is_odd_about_a_name_is_said():
    assert route_note("gpt-image-2") == "not on the chat route"
    assert route_note("team/grok-imagine-image") == "not on the chat route"
    assert route_note("imagen-4.0-generate-001") == "service account only"
    assert route_note("gemini-2.5-flash-image-preview") == "loses the size"
    assert [route_note(model.id) for model in MODELS] == [None] * len(MODELS)

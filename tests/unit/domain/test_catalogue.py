"""The table joined with what a proxy serves: nothing is lost, nothing twice, what can be asked comes first."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.catalogue import catalogue
from tui.domain.options import MODELS

TABLE = [model.id for model in MODELS]
ids = st.sampled_from(
    [*TABLE, *(f"team/{name}" for name in TABLE), "gpt-image-2", "imagen-4.0", "acme-image", "gpt-5.5", "fake-img"]
)
lists = st.lists(ids, unique=True).map(tuple)


@given(served=lists, current=ids | st.text(max_size=9), painters=st.sets(ids))
def test_every_model_of_the_table_and_the_chosen_one_are_listed_once(served, current, painters):
    names = [each.name for each in catalogue(served, painters=painters & set(served), current=current)]
    assert len(names) == len(set(names))
    assert {*TABLE, current} - {""} <= {*names}


@given(served=lists, current=ids)
def test_what_is_served_is_said_of_exact_ids_alone_and_the_id_to_send_is_one_of_them(served, current):
    for each in catalogue(served, current=current):
        assert each.served == (each.name in served)
        assert each.instead is None or each.instead in served
        assert not (each.served and each.instead)


@given(served=lists)
def test_what_can_be_asked_comes_before_what_cannot(served):
    rank = [(not each.served, 0) if each.on_chat else (True, 1) for each in catalogue(served)]
    assert rank == sorted(rank)


def test_without_a_list_it_is_the_table_in_its_order():
    listed = catalogue(None, current="acme/painter")
    assert [each.name for each in listed] == [*TABLE, "acme/painter"]
    assert {each.served_words for each in listed} == {""}


def test_the_served_ones_stand_in_the_tables_order_and_the_unknown_behind_them():
    served = ("acme-image", "gemini-3.1-flash-image", "team/gemini-3-pro-image-preview", "gpt-image-2")
    listed = catalogue(served)
    assert [each.name for each in listed if each.served and each.on_chat] == [
        "team/gemini-3-pro-image-preview",
        "gemini-3.1-flash-image",
        "acme-image",
    ]
    words = {each.name: each.served_words for each in listed}
    assert words["gemini-3-pro-image-preview"] == "served as team/gemini-3-pro-image-preview"
    assert words["gemini-nano-banana-2.1"] == "not served"
    assert words["gpt-image-2"] == "served elsewhere"


def test_a_retired_model_says_since_when():
    listed = {each.name: each for each in catalogue(None)}
    assert listed["gemini-2.5-flash-image"].retired_words(date(2026, 11, 25)) == "retired 2026-10-02"
    assert listed["gemini-2.5-flash-image"].retired_words(date(2026, 9, 1)) == "retires 2026-10-02"
    assert listed["gemini-3-pro-image"].retired_words(date(2026, 11, 25)) == ""

"""``image-gen models`` against real servers: what is served, under which id, and what was served when it was."""

import json

import pytest
from support.command import image_gen, image_gen_async
from support.path_server import LIST, PathServer, cliproxyapi, models_list
from support.replay_server import KEY, Exchange, ReplayServer, recorded

RECORDED = recorded("probing")
PICTURE = recorded("chat")["chat-success-png"]
PAGE = Exchange(parts=(b"<!doctype html><title>Router</title>",))


def proxy_of(server):
    return {"IMAGE_GEN_PROXY": server.address.url, "IMAGE_GEN_API_KEY": KEY}


async def rows_of(models, folder, *more):
    async with PathServer(cliproxyapi(models)) as server:
        done = await image_gen_async("models", "--json", *more, cwd=folder, **proxy_of(server))
    assert done.status == 0
    return {row["id"]: row for row in done.objects}


async def test_served_models_come_first_by_the_ids_they_are_served_under(tmp_path):
    rows = await rows_of(RECORDED["antigravity-models"], tmp_path)
    assert next(iter(rows)) == "gemini-3.1-flash-image"
    flash = rows["gemini-3.1-flash-image"]
    assert (flash["served"], flash["served_as"], flash["owner"]) == (True, "gemini-3.1-flash-image", "antigravity")
    assert rows["gemini-3.1-flash-image-preview"]["served_as"] == "gemini-3.1-flash-image"
    pro = rows["gemini-3-pro-image-preview"]
    assert (pro["served"], pro["served_as"]) == (False, None)
    assert "gpt-oss-120b-medium" not in rows


async def test_with_a_forced_prefix_the_bare_name_is_not_served_and_the_id_to_send_is_told(tmp_path):
    rows = await rows_of(RECORDED["prefix-forced-models"], tmp_path)
    assert rows["team/gemini-3-pro-image-preview"]["served"] is True
    assert rows["team/gemini-3-pro-image-preview"]["prices"]
    bare = rows["gemini-3-pro-image-preview"]
    assert (bare["served"], bare["served_as"]) == (False, "team/gemini-3-pro-image-preview")


async def test_traps_17_22_and_36_what_is_odd_about_a_model_is_said(tmp_path):
    names = ("gpt-image-2", "imagen-4.0-generate-001", "gemini-2.5-flash-image-preview", "acme-image", "gpt-5.5")
    async with PathServer(cliproxyapi(models_list(*names))) as server:
        done = await image_gen_async("models", cwd=tmp_path, **proxy_of(server))
    text = done.out.decode()
    told = {name: text.partition(f" {name} ")[2].partition("\n● ")[0].partition("\n○ ")[0] for name in names}
    assert "not on the chat route" in told["gpt-image-2"]
    assert "service account only" in told["imagen-4.0-generate-001"]
    assert "loses the size" in told["gemini-2.5-flash-image-preview"]
    assert "not in our table" in told["acme-image"]
    assert "gpt-5.5" not in text


async def test_any_name_that_is_chosen_is_listed_though_nothing_in_it_speaks_of_pictures(tmp_path):
    async with PathServer(cliproxyapi(models_list("fake-img", "gemini-3.1-flash-image"))) as server:
        environment = {**proxy_of(server), "IMAGE_GEN_MODEL": "fake-img"}
        done = await image_gen_async("models", cwd=tmp_path, **environment)
    line = next(line for line in done.lines if "fake-img" in line)
    assert line.startswith("● fake-img")
    assert line.endswith("served · chosen")


async def test_a_proxy_that_is_away_or_refuses_is_shown_with_what_it_served_and_when(tmp_path):
    async with PathServer(cliproxyapi(RECORDED["antigravity-models"])) as server:
        environment = proxy_of(server)
        await image_gen_async("models", cwd=tmp_path, **environment)
        refused = await image_gen_async("models", cwd=tmp_path, **environment | {"IMAGE_GEN_API_KEY": "wrong"})
        server.answers = {"/": PAGE, LIST: PAGE}
        hidden = await image_gen_async("models", cwd=tmp_path, **environment)
    away = await image_gen_async("models", cwd=tmp_path, **environment)
    for done, trouble in ((refused, "does not accept our key"), (hidden, "(Router)"), (away, "Nothing answers")):
        assert trouble in done.err
        assert f"{environment['IMAGE_GEN_PROXY']} as of " in done.err
        assert "● gemini-3.1-flash-image " in done.out.decode()


async def test_cached_asks_nobody_and_says_when_it_was_true(tmp_path):
    async with PathServer(cliproxyapi(RECORDED["antigravity-models"])) as server:
        environment = proxy_of(server)
        await image_gen_async("models", cwd=tmp_path, **environment)
        before = len(server.asked)
        done = await image_gen_async("models", "--cached", "--json", cwd=tmp_path, **environment)
        assert len(server.asked) == before
    rows = {row["id"]: row for row in done.objects}
    assert rows["gemini-3.1-flash-image"]["served"] is True
    assert rows["gemini-3.1-flash-image"]["as_of"]
    assert done.err == ""


def test_cached_with_nothing_kept_lists_the_table_and_says_how_to_ask(tmp_path):
    done = image_gen("models", "--cached", "--json", cwd=tmp_path)
    assert {row["served"] for row in done.objects} == {None}
    assert "image-gen models" in done.err


@pytest.mark.parametrize(
    ("models", "words"),
    [
        (RECORDED["no-credential-models"], "no usable account"),
        (models_list("gpt-5.5", owned_by="openai"), "1 model that makes none (of openai)"),
    ],
)
async def test_an_empty_list_and_one_without_pictures_say_what_to_type(models, words, tmp_path):
    async with PathServer(cliproxyapi(models)) as server:
        done = await image_gen_async("models", cwd=tmp_path, **proxy_of(server))
    assert words in done.err
    assert "ccs agy --auth" in done.err


async def test_a_wrong_name_is_answered_with_the_nearest_one_to_type(tmp_path):
    unknown = recorded("chat")["chat-model-unknown"]
    answers = cliproxyapi(RECORDED["antigravity-models"], **{"/v1/chat/completions": unknown})
    async with PathServer(answers) as server:
        flags = ("a fox", "--json", "--model", "gemini-3-pro-image-preview")
        done = await image_gen_async(*flags, cwd=tmp_path, **proxy_of(server))
    error = json.loads(done.out)["error"]
    assert (done.status, error["code"]) == (1, "model_unknown")
    assert "--model gemini-3.1-flash-image" in error["hint"]


async def test_a_served_name_that_is_refused_all_the_same_is_not_called_one_that_makes_no_pictures(tmp_path):
    unknown = recorded("chat")["chat-model-unknown"]
    answers = cliproxyapi(RECORDED["antigravity-models"], **{"/v1/chat/completions": unknown})
    async with PathServer(answers) as server:
        flags = ("a fox", "--json", "--model", "gemini-3.1-flash-image")
        done = await image_gen_async(*flags, cwd=tmp_path, **proxy_of(server))
    error = json.loads(done.out)["error"]
    assert error["code"] == "model_unknown"
    assert "stands in the proxy's list" in error["hint"]


async def test_a_model_that_nobody_chose_gives_way_to_the_nearest_that_is_served(tmp_path):
    answers = [recorded("chat")["chat-model-unknown"], RECORDED["antigravity-models"], PICTURE]
    async with ReplayServer(answers) as server:
        done = await image_gen_async("a fox", "--json", cwd=tmp_path, **proxy_of(server))
    assert done.status == 0
    assert json.loads(done.out)["model"] == "gemini-3.1-flash-image"
    asked = [each.json()["model"] for each in server.requests if each.line.startswith("POST")]
    assert asked == ["gemini-3-pro-image-preview", "gemini-3.1-flash-image"]
    assert "does not serve gemini-3-pro-image-preview; gemini-3.1-flash-image makes it" in done.err


async def test_another_model_never_makes_the_picture_at_another_ratio_than_was_asked_for(tmp_path):
    answers = [
        recorded("chat")["chat-model-unknown"],
        models_list("gemini-2.5-flash-image", owned_by="google"),
        PICTURE,
    ]
    async with ReplayServer(answers) as server:
        done = await image_gen_async("a fox", "-s", "4K", "--json", cwd=tmp_path, **proxy_of(server))
    assert json.loads(done.out)["error"]["code"] == "model_unknown"
    assert sum(each.line.startswith("POST") for each in server.requests) == 1

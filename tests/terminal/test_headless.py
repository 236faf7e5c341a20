"""The real command against a real proxy: what a script gets, and what is left on disk."""

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from support.command import image_gen, image_gen_async, leftovers, pictures
from support.deliveries import png
from support.replay_server import KEY, Exchange, ReplayServer

DONE_KEYS = ["status", "id", "created_at", "prompt", "model", "images", "metadata", "text", "elapsed", "warnings"]
IMAGE_KEYS = ["path", "mime", "width", "height", "bytes", "sha256"]


@pytest.fixture
def sandbox(sandbox_proxy):
    """The environment that names the sandbox."""
    return {"IMAGE_GEN_PROXY": sandbox_proxy.url, "IMAGE_GEN_API_KEY": sandbox_proxy.key.reveal()}


def reply(data: bytes, mime: str = "image/png") -> Exchange:
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    message = {"role": "assistant", "content": None, "images": [{"type": "image_url", "image_url": {"url": url}}]}
    return Exchange.of({"id": "x", "model": "m", "choices": [{"message": message, "finish_reason": "stop"}]})


def proxy_of(server: ReplayServer) -> dict[str, str]:
    return {"IMAGE_GEN_PROXY": server.address.url, "IMAGE_GEN_API_KEY": KEY}


def test_a_prompt_makes_a_picture_and_prints_its_absolute_path(sandbox, tmp_path):
    done = image_gen("a red fox", cwd=tmp_path, **sandbox)
    assert done.status == 0
    (line,) = done.lines
    path = Path(line)
    assert path.is_absolute()
    assert path.parent == tmp_path / "generated_images"
    with Image.open(path) as picture:
        assert picture.size == (1024, 1024)
        picture.load()
    metadata = json.loads((path.parent / path.name.replace("image_", "metadata_").split("_0.")[0]).with_suffix(
        ".json"
    ).read_text())  # fmt: skip
    assert metadata["prompt"] == "a red fox"
    assert leftovers(tmp_path) == []


def test_the_first_command_of_a_new_person_works_with_nothing_set_up(tmp_path):
    done = image_gen("a red fox", "--sandbox", "--json", cwd=tmp_path, IMAGE_GEN_SANDBOX_DELAY="0")
    assert done.status == 0
    (line,) = done.objects
    assert Path(line["images"][0]["path"]).is_file()
    assert Path(line["metadata"]).is_file()


def test_json_is_one_object_a_line_with_the_members_of_the_contract(sandbox, tmp_path):
    done = image_gen("a red fox", "--json", "-n", "2", "-r", "16:9", cwd=tmp_path, **sandbox)
    assert done.status == 0
    first, second = done.objects
    assert list(first) == list(second) == DONE_KEYS
    assert first["id"] != second["id"]
    assert (first["status"], first["prompt"], first["model"]) == (
        "done", "a red fox", "gemini-3-pro-image-preview",
    )  # fmt: skip
    (image,) = first["images"]
    assert list(image) == IMAGE_KEYS
    data = Path(image["path"]).read_bytes()
    assert image["bytes"] == len(data)
    assert image["sha256"] == hashlib.sha256(data).hexdigest()
    assert (image["width"], image["height"]) == (1376, 768)
    assert json.loads(Path(first["metadata"]).read_text())["id"] == first["id"]
    assert first["warnings"] == []
    assert first["elapsed"] >= 0


def test_count_keeps_as_many_generations(sandbox, tmp_path):
    done = image_gen("fox", "-n", "5", cwd=tmp_path, **sandbox)
    assert done.status == 0
    assert len(set(done.lines)) == 5
    assert all(Path(line).is_file() for line in done.lines)
    assert len(list((tmp_path / "generated_images").glob("metadata_*.json"))) == 5


@pytest.mark.parametrize(
    ("stdin", "prompt"),
    [
        (b"a red fox\n", "a red fox"),
        (b"a red fox", "a red fox"),
        (b"a red fox\r\n", "a red fox"),
        (b"first line\n\n  second line\n", "first line\n\n  second line"),
        ("ein Fuchs im Schnee 🦊 狐\n".encode(), "ein Fuchs im Schnee 🦊 狐"),
        (b"\xef\xbb\xbffox\n", "fox"),
        (b"doctor\n", "doctor"),
    ],
)
def test_a_dash_reads_the_prompt_from_standard_input(stdin, prompt, sandbox, tmp_path):
    done = image_gen("-", "--json", cwd=tmp_path, stdin=stdin, **sandbox)
    assert done.status == 0
    assert done.objects[0]["prompt"] == prompt


def test_behind_two_dashes_the_name_of_a_command_is_a_prompt(sandbox, tmp_path):
    done = image_gen("--json", "--", "doctor", cwd=tmp_path, **sandbox)
    assert done.objects[0]["prompt"] == "doctor"
    explicit = image_gen("generate", "doctor", "--json", cwd=tmp_path, **sandbox)
    assert explicit.objects[0]["prompt"] == "doctor"
    dashed = image_gen("--json", "--", "-5 degrees", cwd=tmp_path, **sandbox)
    assert dashed.objects[0]["prompt"] == "-5 degrees"


async def test_a_plain_request_has_the_members_of_the_contract_and_no_others(tmp_path):
    async with ReplayServer(reply(png(1024, 1024))) as server:
        done = await image_gen_async("a red fox", cwd=tmp_path, **proxy_of(server))
    assert done.status == 0
    (request,) = server.requests
    assert request.line.startswith("POST /v1/chat/completions ")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.json() == {
        "model": "gemini-3-pro-image-preview",
        "messages": [{"role": "user", "content": "a red fox"}],
        "modalities": ["image", "text"],
        "image_config": {"aspect_ratio": "1:1", "image_size": "1K"},
    }


async def test_references_go_along_before_the_text(tmp_path):
    for name in ("one.png", "two.png"):
        (tmp_path / name).write_bytes(png(shade=len(name)))
    async with ReplayServer(reply(png(1024, 1024))) as server:
        done = await image_gen_async(
            "edit", "-i", "one.png", "--reference", "two.png", cwd=tmp_path, **proxy_of(server)
        )
    assert done.status == 0
    content = server.requests[0].json()["messages"][0]["content"]
    assert [part["type"] for part in content] == ["image_url", "image_url", "text"]
    url = content[0]["image_url"]["url"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == (tmp_path / "one.png").read_bytes()
    assert content[2]["text"] == "edit"


async def test_flag_beats_environment_beats_file(tmp_path):
    (tmp_path / "settings.toml").write_text('model = "of-file"\nimage_size = "2K"\naspect_ratio = "3:2"')
    async with ReplayServer(reply(png(64, 64))) as server:
        environment = {**proxy_of(server), "IMAGE_GEN_HOME": str(tmp_path), "IMAGE_GEN_IMAGE_SIZE": "4k"}
        await image_gen_async("fox", "-r", "16:9", cwd=tmp_path, **environment)
        await image_gen_async("fox", "-m", "of-flag", "-s", "1k", cwd=tmp_path, **environment, IMAGE_GEN_MODEL="x")
    first, second = (request.json() for request in server.requests)
    assert first["model"] == "of-file"
    assert first["image_config"] == {"aspect_ratio": "16:9", "image_size": "4K"}
    assert second["model"] == "of-flag"
    assert second["image_config"] == {"aspect_ratio": "3:2", "image_size": "1K"}


def test_each_flag_of_one_call_has_a_variable_too(sandbox, tmp_path):
    (tmp_path / "one.png").write_bytes(png())
    (tmp_path / "two.png").write_bytes(png(shade=9))
    done = image_gen(
        "fox", cwd=tmp_path, **sandbox, IMAGE_GEN_JSON="yes", IMAGE_GEN_OUTPUT="copy.jpg",
        IMAGE_GEN_REFERENCE=os.pathsep.join(("one.png", "two.png")),
    )  # fmt: skip
    metadata = json.loads(Path(done.objects[0]["metadata"]).read_text())
    assert len(metadata["references"]) == 2
    assert (tmp_path / "copy.jpg").is_file()
    wrong = image_gen("fox", cwd=tmp_path, **sandbox, IMAGE_GEN_JSON="perhaps")
    assert wrong.status == 2
    assert "IMAGE_GEN_JSON" in wrong.err


async def test_the_proxy_may_be_spelled_with_its_version_and_a_slash(tmp_path):
    async with ReplayServer(reply(png(64, 64))) as server:
        for ending in ("", "/", "/v1", "/v1/"):
            url = server.address.url + ending
            done = await image_gen_async("fox", "--proxy", url, "--api-key", KEY, cwd=tmp_path)
            assert done.status == 0
    assert {request.line.split()[1] for request in server.requests} == {"/v1/chat/completions"}


async def test_the_key_is_in_the_header_and_nowhere_else(tmp_path):
    async with ReplayServer([reply(png(64, 64)), Exchange.of({"error": "no"}, status=401)]) as server:
        done = await image_gen_async("fox", "--json", cwd=tmp_path, **proxy_of(server))
        failed = await image_gen_async("fox", "--json", cwd=tmp_path, **proxy_of(server))
    assert (done.status, failed.status) == (0, 4)
    seen = done.out + failed.out + done.err.encode() + failed.err.encode()
    seen += b"".join(path.read_bytes() for path in (tmp_path / "generated_images").iterdir())
    assert KEY.encode() not in seen


async def test_what_was_delivered_is_kept_to_the_byte_under_its_true_extension(tmp_path):
    with io.BytesIO() as buffer:
        Image.new("RGB", (1024, 1024), "teal").save(buffer, "WEBP")
        delivered = buffer.getvalue()
    async with ReplayServer(reply(delivered, mime="image/png")) as server:
        done = await image_gen_async("fox", cwd=tmp_path, **proxy_of(server))
    (path,) = map(Path, done.lines)
    assert path.suffix == ".webp"
    assert path.read_bytes() == delivered


def test_output_copies_the_picture_and_counts_up_from_the_second(sandbox, tmp_path):
    one = image_gen("fox", "-o", "one.jpg", cwd=tmp_path, **sandbox)
    assert one.status == 0
    assert (tmp_path / "one.jpg").read_bytes() == Path(one.lines[0]).read_bytes()
    image_gen("fox", "-o", "many.jpg", "-n", "3", cwd=tmp_path, **sandbox)
    assert sorted(path.name for path in tmp_path.glob("many*")) == ["many-2.jpg", "many-3.jpg", "many.jpg"]


def test_output_to_standard_output_is_the_picture_and_nothing_else(sandbox, tmp_path):
    done = image_gen("fox", "-o", "-", cwd=tmp_path, **sandbox)
    assert done.status == 0
    (path,) = pictures(tmp_path)
    assert done.out == path.read_bytes()
    assert str(path) in done.err


def test_an_extension_that_promises_another_type_is_a_warning(sandbox, tmp_path):
    done = image_gen("fox sandbox:jpeg", "-o", "fox.png", "--json", cwd=tmp_path, **sandbox)
    assert done.status == 0
    (warning,) = done.objects[0]["warnings"]
    assert warning["code"] == "extension_mismatch"
    assert "fox.png holds a JPEG" in done.err
    with Image.open(tmp_path / "fox.png") as picture:
        assert picture.format == "JPEG"


@pytest.mark.parametrize(("form", "kind"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_format_converts_a_copy_and_keeps_what_was_delivered(form, kind, sandbox, tmp_path):
    done = image_gen("fox", "--format", form, "--json", "-o", f"copy.{form}", cwd=tmp_path, **sandbox)
    assert done.status == 0
    (image,) = done.objects[0]["images"]
    assert image["mime"] == f"image/{form}"
    with Image.open(image["path"]) as picture:
        assert picture.format == kind
    with Image.open(tmp_path / f"copy.{form}") as picture:
        assert picture.format == kind
    assert len(pictures(tmp_path)) == (1 if form == "jpeg" else 2)
    assert done.objects[0]["warnings"] == []


def test_several_pictures_of_one_answer_are_all_printed(sandbox, tmp_path):
    done = image_gen("fox sandbox:two", cwd=tmp_path, **sandbox)
    assert done.status == 0
    assert len(done.lines) == 2
    assert [Path(line).is_file() for line in done.lines] == [True, True]


def test_a_picture_of_another_size_is_a_warning(sandbox, tmp_path):
    done = image_gen("fox sandbox:wrong_size", "--json", cwd=tmp_path, **sandbox)
    assert done.status == 0
    assert [each["code"] for each in done.objects[0]["warnings"]] == ["ratio_mismatch", "size_mismatch"]
    assert "warning: Asked for 1:1, got 768×640." in done.err
    assert "warning: Asked for 1K (1024×1024), got 768×640." in done.err


def test_that_a_model_was_switched_off_is_said_when_it_gives_nothing(sandbox, tmp_path):
    failed = image_gen("fox sandbox:model_unknown", cwd=tmp_path, **sandbox)
    assert "gemini-3-pro-image-preview was switched off" in failed.err
    living = image_gen("fox sandbox:model_unknown", "-m", "gemini-3-pro-image", cwd=tmp_path, **sandbox)
    assert "switched off" not in living.err
    refused = image_gen("fox sandbox:refused", cwd=tmp_path, **sandbox)
    assert (refused.status, "switched off" in refused.err) == (1, False)
    still_served = image_gen("fox", cwd=tmp_path, **sandbox)
    assert (still_served.status, still_served.err) == (0, "")


def test_another_library_is_made_with_its_parents(sandbox, tmp_path):
    done = image_gen("fox", "-d", "some/where/deep", cwd=tmp_path, **sandbox)
    assert Path(done.lines[0]).parent == tmp_path / "some/where/deep"
    assert not (tmp_path / "generated_images").exists()


def test_a_library_whose_name_is_no_utf8_is_printed_as_the_bytes_it_has(sandbox, tmp_path):
    folder = os.fsdecode(b"caf\xe9")
    done = image_gen("fox", "-d", folder, cwd=tmp_path, **sandbox)
    assert done.status == 0
    assert Path(os.fsdecode(done.out.rstrip(b"\n"))).is_file()


def test_history_lists_the_newest_first(sandbox, tmp_path):
    for prompt in ("first fox", "second\tfox", "third fox"):
        assert image_gen(prompt, cwd=tmp_path, **sandbox).status == 0
    listed = image_gen("history", cwd=tmp_path)
    rows = [line.split("\t") for line in listed.lines]
    assert [row[3] for row in rows] == ["third fox", "second fox", "first fox"]
    assert all(Path(row[4]).is_file() for row in rows)
    objects = image_gen("history", "--json", "-n", "2", cwd=tmp_path).objects
    assert [each["prompt"] for each in objects] == ["third fox", "second\tfox"]
    assert [each["id"] for each in objects] == [rows[0][1], rows[1][1]]


def test_history_of_a_folder_that_is_not_there_makes_none(tmp_path):
    done = image_gen("history", cwd=tmp_path)
    assert (done.status, done.out) == (0, b"")
    assert not (tmp_path / "generated_images").exists()


def test_models_lists_the_table_and_marks_what_the_proxy_serves(sandbox, tmp_path):
    done = image_gen("models", cwd=tmp_path, **sandbox)
    assert done.status == 0
    text = done.out.decode()
    assert "● gemini-3-pro-image-preview" in text
    assert "$0.134" in text
    assert "21:9" in text
    assert "was switched off" in text
    rows = {row["id"]: row for row in image_gen("models", "--json", cwd=tmp_path, **sandbox).objects}
    assert rows["gemini-3-pro-image"]["served"] is True
    assert rows["gemini-3-pro-image"]["pixels"]["4K"]["16:9"] == [5504, 3072]


def test_models_without_a_proxy_lists_the_table_all_the_same(tmp_path):
    done = image_gen("models", "--json", "--proxy", "http://127.0.0.1:1", cwd=tmp_path)
    assert done.status == 0
    assert {row["served"] for row in done.objects} == {None}


def test_doctor_says_what_is_wrong_and_leaves_with_its_status(sandbox, tmp_path):
    well = image_gen("doctor", cwd=tmp_path, **sandbox)
    assert well.status == 0
    assert "sandbox" in well.out.decode()
    assert sandbox["IMAGE_GEN_API_KEY"] not in well.out.decode()
    ill = image_gen("doctor", "--proxy", "http://127.0.0.1:1", cwd=tmp_path)
    assert ill.status == 3
    assert "Nothing answers at 127.0.0.1:1" in ill.out.decode()
    wrong_key = image_gen("doctor", "--api-key", "wrong", cwd=tmp_path, **sandbox)
    assert wrong_key.status == 4


def test_serve_runs_the_sandbox_for_others_and_says_how_to_reach_it(tmp_path):
    command = [sys.executable, "-m", "tui", "serve", "--sandbox", "--port", "0", "--delay", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path) as server:
        words = server.stdout.readline().decode().split() + server.stdout.readline().decode().split()
        url = next(word for word in words if word.startswith("http://127.0.0.1:"))
        done = image_gen("fox", "--proxy", url, "--api-key", words[-1], cwd=tmp_path)
        server.terminate()
    assert done.status == 0

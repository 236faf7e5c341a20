"""The real command with pictures to start from: what goes over the wire, and what is said of what came back."""

import base64
import io
import json

from PIL import Image
from support.command import image_gen, image_gen_async
from support.deliveries import png
from support.replay_server import KEY, Exchange, ReplayServer

OLD_ID = "gemini-2.5-flash-image-preview"


def reply(width: int, height: int, model: str) -> Exchange:
    url = f"data:image/png;base64,{base64.b64encode(png(width, height)).decode()}"
    message = {"role": "assistant", "content": None, "images": [{"type": "image_url", "image_url": {"url": url}}]}
    return Exchange.of({"id": "x", "model": model, "choices": [{"message": message, "finish_reason": "stop"}]})


def proxy_of(server: ReplayServer) -> dict[str, str]:
    return {"IMAGE_GEN_PROXY": server.address.url, "IMAGE_GEN_API_KEY": KEY}


async def test_a_turned_photo_of_any_type_goes_out_upright_and_the_metadata_name_the_file(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.effect_noise((900, 600), 80).save(tmp_path / "fox.tiff", exif=exif)
    home = tmp_path / "home"
    async with ReplayServer(reply(1024, 1024, "model")) as server:
        done = await image_gen_async(
            "more snow", "-i", "fox.tiff", "--json", cwd=tmp_path, IMAGE_GEN_HOME=str(home), **proxy_of(server)
        )
    assert (done.status, done.err) == (0, "")
    (line,) = done.objects
    assert line["warnings"] == []
    kept = json.loads((tmp_path / "generated_images" / line["metadata"]).read_text())
    (reference,) = kept["references"]
    assert reference["file"] == str(tmp_path / "fox.tiff")
    assert reference["mime"] == "image/tiff"
    url = server.requests[0].json()["messages"][0]["content"][0]["image_url"]["url"]
    kind, _, data = url.partition(";base64,")
    with Image.open(io.BytesIO(base64.b64decode(data))) as sent:
        assert (kind, sent.format, sent.size) == ("data:image/jpeg", "JPEG", (600, 900))
    assert [path.parent.name for path in home.rglob("*.jpg")] == ["references"]


async def test_an_id_that_loses_options_is_told_before_and_after(tmp_path):
    (tmp_path / "fox.png").write_bytes(png())
    async with ReplayServer(reply(1024, 1024, OLD_ID)) as server:
        done = await image_gen_async(
            "fox", "-i", "fox.png", "-m", OLD_ID, "-r", "16:9", "--json", cwd=tmp_path, **proxy_of(server)
        )
    assert done.status == 0
    assert [each["code"] for each in done.objects[0]["warnings"]] == ["ratio_mismatch"]
    first, second = done.err.splitlines()
    assert first.startswith("warning: CLIProxyAPI drops size and ratio beside a reference")
    assert second.startswith("warning: Asked for 16:9, got 1:1 (1024×1024).")
    assert all("gemini-2.5-flash-image goes" in each for each in (first, second))


async def test_another_model_and_a_smaller_picture_are_told_everywhere(tmp_path):
    async with ReplayServer(reply(1344, 768, "gemini-2.5-flash-image")) as server:
        done = await image_gen_async(
            "fox", "-m", "gemini-3-pro-image", "-r", "16:9", "-s", "4K", "--json", cwd=tmp_path, **proxy_of(server)
        )
    (line,) = done.objects
    assert [each["code"] for each in line["warnings"]] == ["size_mismatch", "model_mismatch"]
    kept = json.loads((tmp_path / "generated_images" / line["metadata"]).read_text())
    assert kept["warnings"] == line["warnings"]
    assert [f"warning: {each['message']}" for each in line["warnings"]] == done.err.splitlines()


def test_a_reference_that_cannot_be_sent_costs_nothing(tmp_path):
    (tmp_path / "cut.png").write_bytes(png(400, 400)[:300])
    done = image_gen("fox", "-i", "cut.png", "--proxy", "http://127.0.0.1:1", cwd=tmp_path)
    assert done.status == 2
    assert "cut.png is damaged or cut off." in done.err

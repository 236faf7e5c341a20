"""A picture came: kept byte for byte, with the type that its bytes say, drafts told from the final one."""

import io

import pytest
from interop.upstream import Answer, candidates, gemini, painted, picture, text
from PIL import Image


@pytest.mark.parametrize(
    ("kind", "announced", "mime"),
    [
        ("PNG", "image/png", "image/png"),
        ("JPEG", "image/jpeg", "image/jpeg"),
        ("WEBP", "image/webp", "image/webp"),
        ("JPEG", "image/png", "image/jpeg"),
        ("WEBP", "image/jpeg", "image/webp"),
    ],
)
async def test_the_bytes_are_kept_and_decide_the_type(kind, announced, mime, ask, proxy, upstream):
    data = painted(kind)
    take = upstream.will(gemini(picture(data, announced)))
    reply = await ask(proxy, take.prompt)
    assert (reply.final.mime, reply.final.width, reply.final.height) == (mime, 64, 36)
    assert reply.final.path.read_bytes() == data
    assert reply.trace_id
    assert len(take.calls) == 1


async def test_what_goes_upstream_is_what_was_asked(ask, proxy, upstream):
    take = upstream.will(gemini(picture(painted("PNG"))))
    await ask(proxy, take.prompt)
    (call,) = take.calls
    assert call.path == "/v1beta/models/gemini-3-pro-image-preview:generateContent"
    assert call.texts == [take.prompt]
    assert call.body["generationConfig"] == {
        "responseModalities": ["IMAGE", "TEXT"],
        "imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"},
    }


async def test_the_last_picture_is_the_final_one_and_those_before_it_are_drafts(ask, proxy, upstream):
    draft, final = painted("PNG", (32, 18), 10), painted("PNG", shade=200)
    take = upstream.will(gemini(text("thinking", thought=True), picture(draft, thought=True), picture(final)))
    reply = await ask(proxy, take.prompt)
    assert [image.role for image in reply.images] == ["draft", "final"]
    assert [image.path.read_bytes() for image in reply.images] == [draft, final]
    assert reply.summary.reasoning == "thinking"


async def test_two_candidates_are_two_final_pictures(ask, proxy, upstream):
    first, second = painted("PNG", shade=10), painted("JPEG", shade=200)
    take = upstream.will(candidates([picture(first)], [picture(second, "image/jpeg")]))
    reply = await ask(proxy, take.prompt)
    assert [image.role for image in reply.images] == ["final", "final"]
    assert [image.path.read_bytes() for image in reply.images] == [first, second]


async def test_words_beside_a_picture_are_kept(ask, proxy, upstream):
    take = upstream.will(gemini(text("Here is "), picture(painted("PNG")), text("your fox.")))
    reply = await ask(proxy, take.prompt)
    assert reply.summary.text == "Here is your fox."
    assert reply.summary.finish_reason == "stop"


async def test_a_picture_without_usage_is_a_picture(ask, proxy, upstream):
    take = upstream.will(gemini(picture(painted("PNG")), usage=False))
    assert (await ask(proxy, take.prompt)).final.mime == "image/png"


async def test_a_large_picture_comes_whole(ask, proxy, upstream):
    noise = Image.effect_noise((2048, 2048), 90)
    out = io.BytesIO()
    noise.save(out, "PNG", compress_level=1)
    take = upstream.will(gemini(picture(out.getvalue())))
    reply = await ask(proxy, take.prompt)
    assert reply.final.bytes == len(out.getvalue()) > 2_000_000
    assert reply.final.path.read_bytes() == out.getvalue()


async def test_a_damaged_prompt_is_none(ask, proxy, upstream):
    wild = 'quotes "\\" , two\nlines, 狐狸 🦊, and a \x00 in it'
    take = upstream.will(gemini(picture(painted("PNG"))), prompt=wild)
    await ask(proxy, wild)
    assert take.calls[0].texts == [wild]


async def test_an_answer_that_takes_its_time_is_waited_for(ask, proxy, upstream):
    take = upstream.will(Answer(gemini(picture(painted("PNG"))).events, seconds=1.5))
    reply = await ask(proxy, take.prompt)
    assert reply.final.width == 64

from dataclasses import replace
from datetime import date

from tui.connect.doctor import examine
from tui.domain.options import find_model
from tui.domain.proxy import ProxyAddress, ProxyHealth, Secret
from tui.settings import load_settings

GOOD = ProxyHealth(answers=True, name="CLIProxyAPI", models=("gemini-3-pro-image-preview",))
ADDRESS = ProxyAddress("http://host:1", Secret("s3cret"), "--proxy")


async def findings(tmp_path, *, health=GOOD, **flags):
    settings = load_settings(
        {"output_dir": tmp_path / "library", "api_key": "s3cret", **flags},
        environ={"IMAGE_GEN_HOME": str(tmp_path / "home")},
    )
    return {each.name: each for each in await examine(settings, ADDRESS, health)}


async def test_when_all_is_well_every_finding_says_so(tmp_path):
    (tmp_path / "library").mkdir()
    found = await findings(tmp_path)
    assert list(found) == ["program", "settings", "library", "proxy", "key", "model"]
    assert all(each.ok for each in found.values())
    assert list((tmp_path / "library").iterdir()) == []


async def test_the_models_of_a_proxy_are_counted(tmp_path):
    assert (await findings(tmp_path))["proxy"].words.endswith(": CLIProxyAPI, 1 model")
    several = replace(GOOD, models=("gemini-3-pro-image-preview", "x"))
    assert (await findings(tmp_path, health=several))["proxy"].words.endswith(", 2 models")


async def test_where_a_value_came_from_is_said_and_the_key_is_not(tmp_path):
    found = await findings(tmp_path)
    assert "--api-key" in found["key"].words
    assert "--proxy" in found["proxy"].words
    assert "s3cret" not in repr(found)


async def test_a_library_that_is_not_there_yet_is_fine_and_is_not_made(tmp_path):
    found = await findings(tmp_path)
    assert found["library"].ok
    assert not (tmp_path / "library").exists()


async def test_a_library_that_cannot_be_made_is_the_disk_status(tmp_path):
    (tmp_path / "file").write_text("")
    found = await findings(tmp_path, output_dir=tmp_path / "file" / "library")
    assert not found["library"].ok
    assert found["library"].exit_status == 6


async def test_a_proxy_that_does_not_answer_is_status_3_and_one_with_trouble_4(tmp_path):
    gone = ProxyHealth(answers=False, trouble="Nothing answers at host:1. Start it.")
    found = await findings(tmp_path, health=gone)
    assert (found["proxy"].exit_status, found["proxy"].hint) == (3, gone.trouble)
    found = await findings(tmp_path, health=replace(GOOD, trouble="The proxy does not accept our key."))
    assert found["proxy"].exit_status == 4


async def test_a_model_that_the_proxy_does_not_serve_is_pointed_out(tmp_path):
    found = await findings(tmp_path, model="gemini-3-pro-image")
    assert not found["model"].ok
    assert "image-gen models" in found["model"].hint
    prefixed = await findings(tmp_path, health=replace(GOOD, models=("agy/gemini-3-pro-image-preview",)))
    assert prefixed["model"].ok


async def test_the_end_of_a_retired_model_is_said(tmp_path):
    line = find_model("gemini-3-pro-image-preview").life_cycle_line(date.today())
    assert line in (await findings(tmp_path))["model"].words

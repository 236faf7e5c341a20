"""The HTTP surface of the sandbox: the routes CLIProxyAPI has, its refusals, and the answers of a painter."""

import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tui.domain.options import MODELS
from tui.proxy.answers import JSON_PROXY, Answer, error, key_refused, to_json, unknown_model
from tui.proxy.chat import ChatRoute
from tui.proxy.failures import scenario_listing
from tui.proxy.keys import refusal
from tui.proxy.reading import is_json, read_images_request
from tui.proxy.scenarios import scenario_table
from tui.proxy.wire import Wire

GREETING: Final = "image-gen sandbox"
"""What ``GET /`` says in ``message``, so that a client can tell the sandbox from the real one."""

_ENDPOINTS: Final = ("POST /v1/chat/completions", "GET /v1/models", "GET /sandbox")
_CREATED: Final = 1737158400
_IMAGE_IDS: Final = "gpt-image-1.5, gpt-image-2, grok-imagine-image, grok-imagine-image-quality, grok-imagine-image-2.0"

Handler = Callable[[Request, Wire], Awaitable[None]]


class Surface:
    """The ASGI application. ``key`` opens it; ``delay`` is the whole time of an answer in seconds.

    ``answering`` is how many requests are being answered.
    """

    def __init__(self, key: str, *, delay: float | None = None) -> None:
        self._key = key
        self.answering = 0
        self._chat = ChatRoute(delay=delay)
        self._models = random.sample([model.id for model in MODELS], k=len(MODELS))
        self._open: dict[tuple[str, str], Handler] = {
            ("GET", "/"): self._greet,
            ("GET", "/healthz"): self._healthz,
            ("HEAD", "/healthz"): self._healthz_head,
            ("GET", "/sandbox"): self._scenarios,
        }
        self._closed: dict[tuple[str, str], Handler] = {
            ("GET", "/v1/models"): self._list_models,
            ("POST", "/v1/chat/completions"): self._chat.answer,
            ("POST", "/v1/images/generations"): self._images,
            ("POST", "/v1/images/edits"): self._images,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or drop it as soon as the client leaves."""
        if scope["type"] != "http":
            return
        self.answering += 1
        try:
            await self._route(Request(scope, receive), Wire(scope, receive, send))
        finally:
            self.answering -= 1

    async def _route(self, request: Request, wire: Wire) -> None:
        if request.method == "OPTIONS":
            return await wire.send(Answer(204, content_type=None))
        path = request.url.path
        spot = (request.method, path)
        if opened := self._open.get(spot):
            return await opened(request, wire)
        if closed := self._closed.get(spot):
            words = refusal(request, self._key)
            return await (wire.send(key_refused(words)) if words else closed(request, wire))
        if path.endswith("/") and self._is_known(request.method, path.rstrip("/")):
            return await wire.send(Answer(307, content_type=None, headers={"Location": path.rstrip("/")}))
        return await wire.send(Answer(404, content_type=None))

    def _is_known(self, method: str, path: str) -> bool:
        return (method, path) in self._open or (method, path) in self._closed

    async def _greet(self, request: Request, wire: Wire) -> None:
        await wire.send(_told({"endpoints": list(_ENDPOINTS), "message": GREETING}))

    async def _healthz(self, request: Request, wire: Wire) -> None:
        await wire.send(_told({"status": "ok"}))

    async def _healthz_head(self, request: Request, wire: Wire) -> None:
        await wire.send(Answer(200, content_type=None))

    async def _scenarios(self, request: Request, wire: Wire) -> None:
        await wire.send(Answer(200, scenario_listing(scenario_table()), JSON_PROXY))

    async def _list_models(self, request: Request, wire: Wire) -> None:
        await wire.send(_told({"data": list(_model_rows(self._models)), "object": "list"}))

    async def _images(self, request: Request, wire: Wire) -> None:
        """No id of ours is served here: Gemini's are refused, the others have no account."""
        body = await request.body()
        if not is_json(body):
            return await wire.send(error(400, "Invalid request: body must be valid JSON", content_type=JSON_PROXY))
        model, prompt = read_images_request(body)
        if not prompt:
            return await wire.send(error(400, "Invalid request: prompt is required", content_type=JSON_PROXY))
        if model in _IMAGE_IDS.split(", "):
            return await wire.send(unknown_model(model))
        words = (
            f"Model {model} is not supported on /v1/images/generations or /v1/images/edits. "
            f"Use {_IMAGE_IDS}, or a configured openai-compatibility image model."
        )
        return await wire.send(error(400, words, content_type=JSON_PROXY))


def _told(body: object) -> Answer:
    return Answer(200, to_json(body), JSON_PROXY)


def _model_rows(ids: Iterable[str]) -> Iterable[dict[str, object]]:
    """Four fields a model, ``created`` missing where the real catalogue lacks it too."""
    for name in ids:
        dated = {"created": _CREATED} if name.endswith("-preview") else {}
        yield {**dated, "id": name, "object": "model", "owned_by": "google"}

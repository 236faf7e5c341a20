"""A ComfyUI graph to the words that made the picture: what flows into the sampler nearest to its end.

``prompt`` is an object of nodes by id: ``{"3": {"class_type": "KSampler", "inputs": {"positive": ["6", 0],
"seed": 5}}}``, where a list of an id and a number is a link to another node's output. ``workflow`` is the
editor's form of it: a list of nodes with their widgets' values, and links as ``[id, from, slot, to, slot,
type]``. Source: ComfyUI, script_examples/basic_api_example.py and its workflow JSON 0.4.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

POSITIVE: Final = "positive"
NEGATIVE: Final = "negative"
_MAX_NODES: Final = 5_000
_MAX_STEPS: Final = 10_000
"""Nodes that are visited for one picture, however they are linked."""
_MAX_DEPTH: Final = 100
_MAX_SAMPLERS: Final = 16
_WORDS: Final = (
    *("text", "text_g", "text_l", "clip_g", "clip_l", "t5xxl", "llama", "prompt", "populated_text"),
    *("string", "string_a", "string_b", "value", "text1", "text2"),
)
_WORDS_OF_SIDE: Final = {
    POSITIVE: ("positive_prompt", "text_positive", POSITIVE),
    NEGATIVE: ("negative_prompt", "text_negative", NEGATIVE),
}
_MODEL_FILES: Final = ("ckpt_name", "base_ckpt_name", "unet_name", "model_name", "gguf_name", "ckpt_path", "model")
_WORDS_FOR_SAMPLERS: Final = (POSITIVE, "conditioning", "cond1", "text_embeds")
_FEEDS_SAMPLERS: Final = (POSITIVE, "guider", "text_embeds")
_SAMPLES: Final = frozenset({"sampler_name", "sampler", "latent_image", "seed", "noise_seed", "steps"})
_NO_WORDS: Final = frozenset(
    {
        *("clip", "model", "vae", "image", "images", "pixels", "control_net", "mask", "latent_image", "samples"),
        *("latent", "sampler", "sigmas", "noise", "clip_vision", "clip_vision_output", "style_model", "upscale_model"),
    }
)
"""Inputs that no words flow through."""


Node = Mapping[str, Any]
"""A step of the graph: ``class_type``, and ``inputs`` that are values, or links as a list of node id and slot."""


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """What the graph tells of the picture; empty, or None, where it does not."""

    prompt: str = ""
    negative: str = ""
    model: str = ""
    seed: object = None
    steps: object = None
    width: object = None
    height: object = None


def graph_facts(graph: Mapping[str, Any]) -> GraphFacts | None:
    """What a graph in either form tells; None where it is none."""
    nodes = _editor_nodes(graph) if isinstance(graph.get("nodes"), list) else _plain_nodes(graph)
    return _Graph(nodes).facts() if nodes else None


def _plain_nodes(graph: Mapping[str, Any]) -> dict[str, Node]:
    if len(graph) > _MAX_NODES:
        return {}
    return {
        name: each for name, each in graph.items() if isinstance(each, dict) and isinstance(each.get("inputs"), dict)
    }


def _editor_nodes(graph: Mapping[str, Any]) -> dict[str, Node]:
    """Nodes of a workflow: links by input name, and of the nameless widgets the first text."""
    links = graph.get("links")
    if len(graph["nodes"]) > _MAX_NODES or not isinstance(links, list):
        return {}
    sources = {_name(each[0]): [_name(each[1]), 0] for each in links if isinstance(each, list) and len(each) >= 6}
    nodes: dict[str, Node] = {}
    for each in graph["nodes"]:
        if not isinstance(each, dict):
            continue
        inputs: dict[str, Any] = dict(_widget_text(each))
        ports = each.get("inputs")
        for port in ports if isinstance(ports, list) else ():
            if isinstance(port, dict) and _name(port.get("link")) in sources:
                inputs[_name(port.get("name"))] = sources[_name(port["link"])]
        nodes[_name(each.get("id"))] = {"class_type": each.get("type"), "inputs": inputs}
    return nodes


def _widget_text(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind, values = _text(node.get("type")), node.get("widgets_values")
    text = next((each for each in values if isinstance(each, str)), None) if isinstance(values, list) else None
    if text is not None and "Loader" in kind:
        yield "ckpt_name", text
    elif text is not None and any(word in kind for word in ("Text", "Prompt", "String")):
        yield "text", text


class _Graph:
    """Walks from the end of a graph to where its words begin, a bounded number of steps."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._steps = _MAX_STEPS

    def facts(self) -> GraphFacts:
        best: GraphFacts | None = None
        for name in islice(self._samplers(self._from_the_end()), _MAX_SAMPLERS):
            found = self._facts_of(self._nodes[name])
            if found.prompt:
                return self._of_the_first_pass(name, found)
            best = best or found
        return self._painted_elsewhere() or best or GraphFacts()

    def _of_the_first_pass(self, last: str, found: GraphFacts) -> GraphFacts:
        """What the earliest sampler of the same words tells: one behind it refines, or enlarges."""
        for name in islice(self._samplers(self._upstream([last])), 1, _MAX_SAMPLERS):
            if self._prompt_of(self._inputs_of(self._nodes[name])) == found.prompt:
                found = self._facts_of(self._nodes[name])
        return found

    def _inputs_of(self, sampler: Node) -> dict[str, Any]:
        guider = self._node(sampler["inputs"].get("guider")) or sampler
        return {**guider["inputs"], **sampler["inputs"]}

    def _prompt_of(self, inputs: Mapping[str, Any]) -> str:
        return self._all_words(next((inputs[name] for name in _WORDS_FOR_SAMPLERS if name in inputs), None), POSITIVE)

    def _facts_of(self, sampler: Node) -> GraphFacts:
        inputs = self._inputs_of(sampler)
        latent = self._node(inputs.get("latent_image", inputs.get("samples")))
        return GraphFacts(
            prompt=self._prompt_of(inputs),
            negative=self._all_words(inputs.get(NEGATIVE, inputs.get("text_embeds")), NEGATIVE),
            model=self._model_of(inputs.get("model"), 0) or self._any_model(),
            seed=self._number(inputs, ("seed", "noise_seed", "noise")),
            steps=self._number(inputs, ("steps", "sigmas")),
            width=latent["inputs"].get("width") if latent else None,
            height=latent["inputs"].get("height") if latent else None,
        )

    def _node(self, link: object) -> Node | None:
        return self._nodes.get(_name(link[0])) if isinstance(link, list) and len(link) == 2 else None

    def _from_the_end(self) -> Iterator[str]:
        """Every node that a saved picture is made from, the nearest first; then all others."""
        kinds = {name: _kind(node).lower() for name, node in self._nodes.items()}
        ends = [name for name, kind in kinds.items() if "save" in kind]
        ends += [name for name, kind in kinds.items() if "preview" in kind]
        yield from self._upstream(ends)
        yield from self._nodes

    def _upstream(self, starts: list[str]) -> Iterator[str]:
        """Nodes from ``starts`` on against the direction of the links, the nearest first."""
        seen, ahead = set(starts), deque(starts)
        while ahead:
            yield (here := ahead.popleft())
            for value in self._nodes[here]["inputs"].values():
                name = _name(value[0]) if isinstance(value, list) and len(value) == 2 else ""
                if name in self._nodes and name not in seen:
                    seen.add(name)
                    ahead.append(name)

    def _samplers(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            inputs = self._nodes[name]["inputs"]
            if not _SAMPLES.isdisjoint(inputs) and any(self._node(inputs.get(each)) for each in _FEEDS_SAMPLERS):
                yield name

    def _painted_elsewhere(self) -> GraphFacts | None:
        """Of a picture that a service painted: a node with the words as its own ``prompt``."""
        for name in self._from_the_end():
            inputs = self._nodes[name]["inputs"]
            words = _text(inputs.get("prompt"))
            if words and "model" in inputs:
                return GraphFacts(words, model=_text(inputs["model"]), seed=self._number(inputs, ("seed",)))
        return None

    def _all_words(self, link: object, side: str) -> str:
        return "\n".join(dict.fromkeys(self._words(link, side, 0)))

    def _words(self, link: object, side: str, depth: int) -> Iterator[str]:
        """The texts that flow through ``link``, in the order of the inputs."""
        node = self._node(link)
        self._steps -= 1
        if node is None or depth > _MAX_DEPTH or self._steps < 0 or "ZeroOut" in _kind(node):
            return
        names = _inputs_with_words(node, side)
        other = NEGATIVE if side == POSITIVE else POSITIVE
        for name in names or [each for each in node["inputs"] if each not in _NO_WORDS and other not in each]:
            value = node["inputs"][name]
            if isinstance(value, list):
                yield from self._words(value, side, depth + 1)
            elif names and isinstance(value, str) and value.strip():
                yield value.strip()

    def _model_of(self, link: object, depth: int) -> str:
        """The file that a model comes from, through whatever changes it."""
        node = self._node(link)
        self._steps -= 1
        if node is None or depth > _MAX_DEPTH or self._steps < 0:
            return ""
        named = _file_of(node)
        if named:
            return named
        through = (value for name, value in node["inputs"].items() if "model" in name or "any" in name)
        return next((found for value in through if (found := self._model_of(value, depth + 1))), "")

    def _any_model(self) -> str:
        return next((found for node in self._nodes.values() if (found := _file_of(node, _MODEL_FILES[:3]))), "")

    def _number(self, inputs: Mapping[str, Any], names: tuple[str, ...]) -> object:
        """A number among ``inputs``, or in the node that gives it."""
        for name in names:
            value = inputs.get(name)
            node = self._node(value)
            if node is not None:
                inner = (node["inputs"].get(each) for each in (*names, "value", "int", "number"))
                value = next((each for each in inner if isinstance(each, int)), None)
            if isinstance(value, int):
                return value
        return None


def _kind(node: Node) -> str:
    return _text(node.get("class_type"))


def _inputs_with_words(node: Node, side: str) -> list[str]:
    """Inputs that are words, behind those whose words they are added to."""
    inputs = node["inputs"]
    names = [name for name in _WORDS_OF_SIDE[side] if name in inputs]
    names = names or [name for name in _WORDS if name in inputs]
    return [name for name in ("conditioning", "conditioning_to") if name in inputs] + names if names else names


def _name(value: object) -> str:
    """The name of a node, a link or an input; numbers are written as text in one form of a graph."""
    return str(value) if isinstance(value, int | str) else ""


def _file_of(node: Node, names: tuple[str, ...] = _MODEL_FILES) -> str:
    return next((text for name in names if (text := _text(node["inputs"].get(name)))), "")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""

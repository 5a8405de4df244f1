"""Does with the binding what lines of JSON say, and says in lines what came of it: so the cases of the net's surface, which are written once, in TypeScript, try this binding.

In:  {"id", "on", "do", "args", "kwargs"}   a method of the object that is known as `on`, or of NetClient where it is 0; `anext`, or `call` for what detaches something
     {"cancel"}                             the request of that id
     {"called", "failed"}                   what a handler came to
Out: {"id", "ok"} or {"id", "error"}, and {"call", "handler", "item"} where a handler is called.

Values: {"$bytes"}, {"$ref"} of an object that stays here, {"$handler"}, {"$make"} one of the binding's types, {"$error"}, {"$end"} of what is iterated. Names are camelCase outside.
"""

import asyncio
import base64
import dataclasses
import inspect
import json
import re
import sys
from collections.abc import AsyncGenerator, Callable
from typing import Any

import nodestead_net
from nodestead_net import Channel, Fetch, Group, Lasting, NetClient, NetError, Resources, Sending

#: What the other side knows of an object that stays here.
SHOWN: dict[type, tuple[str, ...]] = {
    NetClient: ("peer_id", "scopes", "resources"),
    Channel: ("id", "peer", "service", "metadata", "max_message_bytes"),
    Group: ("name",),
    Sending: ("peers",),
    Resources: (),
    Fetch: ("root", "path"),
    Lasting: (),
    AsyncGenerator: (),
}


class Driver:
    def __init__(self) -> None:
        self._objects: dict[int, Any] = {0: NetClient}
        self._requests: dict[int, asyncio.Task[None]] = {}
        self._handled: dict[int, asyncio.Future[None]] = {}
        self._last = 0

    def on_line(self, line: dict[str, Any]) -> None:
        if "cancel" in line:
            request = self._requests.get(line["cancel"])
            if request is not None:
                request.cancel()
        elif "called" in line:
            handled = self._handled.pop(line["called"])
            if line["failed"]:
                handled.set_exception(RuntimeError("the handler failed"))
            else:
                handled.set_result(None)
        else:
            task = asyncio.get_running_loop().create_task(self._run(line))
            self._requests[line["id"]] = task
            task.add_done_callback(lambda _: self._requests.pop(line["id"]))

    async def _run(self, line: dict[str, Any]) -> None:
        try:
            result = await self._do(self._objects[line["on"]], line["do"], self._inward(line["args"]), self._inward(line["kwargs"]))
            write({"id": line["id"], "ok": self._outward(result)})
        except asyncio.CancelledError:
            write({"id": line["id"], "error": {"code": "cancelled", "message": "cancelled", "hint": "", "data": {}}})
        except NetError as error:
            write({"id": line["id"], "error": told(error)})
        except Exception as error:
            write({"id": line["id"], "error": {"code": "driver", "message": repr(error), "hint": "", "data": {}}})

    async def _do(self, target: Any, do: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if do == "anext":
            try:
                return await anext(target)
            except StopAsyncIteration:
                return END
        result = target() if do == "call" else getattr(target, do)(*args, **{snake(name): value for name, value in kwargs.items()})
        return await result if inspect.isawaitable(result) else result

    def _inward(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._inward(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
        if "$handler" in value:
            return self._handler(value["$handler"])
        inward = {name: self._inward(each) for name, each in value.items()}
        if "$make" not in inward:
            return inward
        made = getattr(nodestead_net, inward.pop("$make"))
        return made(**{snake(name): each for name, each in inward.items()})

    def _outward(self, value: Any) -> Any:
        if value is END:
            return {"$end": True}
        if isinstance(value, bytes):
            return {"$bytes": base64.b64encode(value).decode()}
        if isinstance(value, NetError):
            return {"$error": told(value)}
        if isinstance(value, list | tuple):
            return [self._outward(each) for each in value]
        if isinstance(value, dict):
            return {name: self._outward(each) for name, each in value.items()}
        if dataclasses.is_dataclass(value):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return {camel(name): self._outward(each) for name, each in fields.items()}
        for shown, names in SHOWN.items():
            if isinstance(value, shown):
                return {"$ref": self._keep(value), **{camel(name): self._outward(getattr(value, name)) for name in names}}
        return {"$ref": self._keep(value)} if callable(value) else value

    def _keep(self, value: Any) -> int:
        self._last += 1
        self._objects[self._last] = value
        return self._last

    def _handler(self, number: int) -> Callable[[Any], Any]:
        async def handler(item: Any) -> None:
            self._last += 1
            handled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._handled[self._last] = handled
            write({"call": self._last, "handler": number, "item": self._outward(item)})
            await handled

        return handler


END = object()


def told(error: NetError) -> dict[str, Any]:
    return {"class": type(error).__name__, "code": error.code, "message": error.message, "hint": error.hint, "data": dict(error.data)}


def snake(name: str) -> str:
    return "class_" if name == "class" else re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name.rstrip("_"))


def write(line: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()


async def main() -> None:
    driver = Driver()
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        driver.on_line(json.loads(line))


asyncio.run(main())

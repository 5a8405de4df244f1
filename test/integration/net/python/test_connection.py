"""A connection with a node that says what a test wants it to: credits, cancelling, and ends in good and in bad order."""

import asyncio
import os
import tempfile
import unittest
from collections.abc import Awaitable, Callable

from nodestead_net import Channel, ChannelError, NetClient, NetError, NotAllowedError, NotConnectedError, TopicError
from nodestead_net.message import Message
from nodestead_net.proto import channels, topics
from nodestead_net.proto.session import (
    ClientFrame,
    DaemonError,
    DaemonRequest,
    DaemonResponse,
    End,
    Failure,
    Hello,
    Item,
    NodeFrame,
    Ready,
    Reply,
    Welcome,
)
from nodestead_net.wire import FrameReader, encode_frame

ENOUGH = 20.0


class Node:
    """The other end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self._frames = FrameReader()

    async def message(self) -> bytes:
        while (message := self._frames.next()) is None:
            chunk = await self._reader.read(65_536)
            if chunk == b"":
                raise EOFError
            self._frames.push(chunk)
        return message

    async def greet(self) -> Hello:
        hello = Hello.decode(DaemonRequest.decode(await self.message()).hello)
        self.say(DaemonResponse(welcome=Welcome(version=1, program="test", scopes=("channels",), peer_id="node").encode()))
        await self.message()
        self.say(DaemonResponse())
        return hello

    async def frame(self) -> ClientFrame:
        return ClientFrame.decode(await self.message())

    async def called(self, method: str) -> int:
        """The id of the call that comes next."""
        frame = await self.frame()
        assert frame.call is not None and frame.call.method.endswith(method), frame
        return frame.id

    def say(self, message: Message) -> None:
        self.writer.write(encode_frame(message.encode()))

    def reply(self, call: int, answer: Message) -> None:
        self.say(NodeFrame(id=call, reply=Reply(response=answer.encode())))

    def item(self, call: int, item: Message, dropped: int = 0) -> None:
        self.say(NodeFrame(id=call, item=Item(message=item.encode(), dropped=dropped)))


def opened(name: str) -> channels.Channel:
    return channels.Channel(state=channels.ChannelState(channel=name, peer="peer", service="echo", open=True, phase="open"), max_message_bytes=10)


def news(text: str) -> topics.TopicEvent:
    return topics.TopicEvent(message=topics.TopicMessage(topic="news", id=text, source="peer", data=text.encode(), way=1))


class Connections(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "node.sock")

    async def run_with(self, node_side: Callable[[Node], Awaitable[None]], program: Callable[[NetClient], Awaitable[None]]) -> None:
        """Both ends to their end."""
        failures: list[BaseException] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            node = Node(reader, writer)
            try:
                await node.greet()
                await node_side(node)
            except EOFError:
                pass
            except BaseException as error:
                failures.append(error)
            finally:
                writer.close()

        server = await asyncio.start_unix_server(serve, self.path)
        async with asyncio.timeout(ENOUGH):
            async with NetClient.connect(self.path, token="t") as net:
                await program(net)
        server.close()
        self.assertEqual(failures, [])

    async def test_is_refused(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            node = Node(reader, writer)
            await node.message()
            node.say(DaemonResponse(type=1, error=DaemonError(msg="The token is unknown.", code="NET_TOKEN_UNKNOWN")))
            writer.close()

        server = await asyncio.start_unix_server(serve, self.path)
        with self.assertRaises(NotAllowedError) as raised:
            await NetClient.connect(self.path, token="none")
        self.assertEqual(raised.exception.code, "NET_TOKEN_UNKNOWN")
        server.close()
        with self.assertRaises(NotConnectedError) as missing:
            await NetClient.connect(f"{self.path}-none")
        self.assertEqual(missing.exception.code, "NET_SOCKET_FAILED")

    async def test_grants_as_items_are_taken_and_tells_of_lost_ones(self) -> None:
        granted: list[int] = []

        async def node_side(node: Node) -> None:
            call = await node.called("Topics/Subscribe")
            node.item(call, topics.TopicEvent(ready=Ready()))
            for number in range(63):
                node.item(call, news(str(number)), dropped=2 if number == 5 else 0)
            grant = (await node.frame()).grant
            assert grant is not None
            granted.append(grant.items)
            node.say(NodeFrame(id=call, end=End(dropped=1)))

        async def program(net: NetClient) -> None:
            async with net.subscribe("news") as messages:
                self.assertEqual([message.payload.decode() async for message in messages], [str(number) for number in range(63)])
                self.assertEqual(messages.dropped, 3)

        await self.run_with(node_side, program)
        self.assertEqual(granted, [32])

    async def test_more_than_was_granted_ends_the_connection(self) -> None:
        async def node_side(node: Node) -> None:
            call = await node.called("Topics/Subscribe")
            node.item(call, topics.TopicEvent(ready=Ready()))
            for number in range(64):
                node.item(call, news(str(number)))

        async def program(net: NetClient) -> None:
            messages = await net.subscribe("news")
            await net.wait_closed()
            with self.assertRaises(NotConnectedError):
                await messages.wait_closed()

        await self.run_with(node_side, program)

    async def test_a_lost_connection_tells_every_waiter(self) -> None:
        async def node_side(node: Node) -> None:
            node.item(await node.called("Topics/Subscribe"), topics.TopicEvent(ready=Ready()))
            node.reply(await node.called("Channels/Dial"), opened("one"))
            for _ in range(5):
                await node.frame()
            node.writer.close()

        async def program(net: NetClient) -> None:
            messages = await net.subscribe("news")
            channel = await net.dial("peer", service="echo")
            waiting: list[Awaitable[object]] = [
                anext(messages),
                messages.wait_closed(),
                anext(channel),
                channel.send(b"x"),
                channel.state(),
                net.dial("peer", service="echo"),
                net.broadcast("news", b""),
                channel.closed(),
                net.wait_closed(),
            ]
            ends = await asyncio.gather(*waiting, return_exceptions=True)
            self.assertEqual([getattr(end, "code", end) for end in ends], ["NET_CLOSED"] * 7 + ["CHANNEL_LOST", None])
            with self.assertRaises(NotConnectedError):
                await channel.send(b"late")
            channel.reset()
            await messages.close()

        await self.run_with(node_side, program)

    async def test_what_is_no_frame_ends_the_connection(self) -> None:
        for garbage in (b"\x02\xff\xff", b"\xff\xff\xff\xff\x7f", b"\x81\x80\x80\x02", b"\x05\x08\x01\x12\x02\x0a"):

            async def node_side(node: Node, garbage: bytes = garbage) -> None:
                await node.called("Channels/Dial")
                node.writer.write(garbage)
                await node.message()

            async def program(net: NetClient) -> None:
                with self.assertRaises(NotConnectedError) as raised:
                    await net.dial("peer", service="echo")
                self.assertEqual(raised.exception.code, "NET_CLOSED")

            await self.run_with(node_side, program)

    async def test_an_answer_that_is_none_ends_the_connection_and_its_call(self) -> None:
        async def node_side(node: Node) -> None:
            node.say(NodeFrame(id=await node.called("Channels/Dial"), reply=Reply(response=b"\x0a\x7f")))
            await node.message()

        async def program(net: NetClient) -> None:
            with self.assertRaises(NotConnectedError) as raised:
                await net.dial("peer", service="echo")
            self.assertEqual(getattr(raised.exception.__cause__, "code", None), "NET_MESSAGE_MALFORMED")

        await self.run_with(node_side, program)

    async def test_a_dial_that_is_given_up_leaves_no_channel(self) -> None:
        seen: list[str] = []
        dialled, over = asyncio.Event(), asyncio.Event()

        async def node_side(node: Node) -> None:
            call = await node.called("Channels/Dial")
            dialled.set()
            seen.append("cancel" if (await node.frame()).cancel is not None else "other")
            node.reply(call, opened("late"))
            frame = await node.frame()
            assert frame.call is not None
            seen.append(f"{frame.call.method.split('/')[1]} {channels.ChannelRequest.decode(frame.call.request).channel}")
            over.set()

        async def program(net: NetClient) -> None:
            async def dial() -> None:
                await net.dial("peer", service="echo")

            dialling = asyncio.create_task(dial())
            await dialled.wait()
            dialling.cancel()
            await asyncio.gather(dialling, return_exceptions=True)
            self.assertTrue(dialling.cancelled())
            await over.wait()

        await self.run_with(node_side, program)
        self.assertEqual(seen, ["cancel", "Reset late"])

    async def test_a_read_that_is_given_up_loses_nothing_and_readers_take_turns(self) -> None:
        go_on = asyncio.Event()

        async def node_side(node: Node) -> None:
            node.reply(await node.called("Channels/Dial"), opened("one"))
            call = await node.called("Channels/Receive")
            await go_on.wait()
            for text in (b"a", b"b", b"c"):
                node.item(call, channels.ChannelMessage(data=text))
            node.say(NodeFrame(id=call, end=End()))
            node.reply(await node.called("Channels/Close"), channels.SendResponse())

        async def program(net: NetClient) -> None:
            async with net.dial("peer", service="echo") as channel:
                first = asyncio.ensure_future(anext(channel))
                await asyncio.sleep(0)
                with self.assertRaises(ChannelError) as raised:
                    await anext(channel)
                self.assertEqual(raised.exception.code, "CHANNEL_INVALID")
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)
                handled: asyncio.Queue[bytes] = asyncio.Queue()
                detach = channel.on_message(handled.put)
                self.assertRaises(ChannelError, channel.on_message, handled.put)
                detach()
                go_on.set()
                self.assertEqual([message async for message in channel], [b"a", b"b", b"c"])

        await self.run_with(node_side, program)

    async def test_a_handler_holds_what_comes_next_and_breaks_its_channel_off_where_it_fails(self) -> None:
        async def node_side(node: Node) -> None:
            node.reply(await node.called("Channels/Dial"), opened("one"))
            call = await node.called("Channels/Receive")
            node.item(call, channels.ChannelMessage(data=b"a"))
            node.item(call, channels.ChannelMessage(data=b"b"))
            await node.called("Channels/Reset")

        async def program(net: NetClient) -> None:
            channel = await net.dial("peer", service="echo")
            seen: list[bytes] = []

            async def handler(message: bytes) -> None:
                seen.append(message)
                await asyncio.sleep(0)
                if message == b"b":
                    raise ValueError("enough")

            with self.assertLogs("nodestead_net", "ERROR"):
                channel.on_message(handler)
                await net.wait_closed()
            self.assertEqual(seen, [b"a", b"b"])

        await self.run_with(node_side, program)

    async def test_channels_that_nobody_took_are_broken_off(self) -> None:
        reset: list[str] = []

        async def program(net: NetClient) -> None:
            async with net.listen("echo") as listener:
                self.assertIsInstance(await anext(listener), Channel)
            with self.assertRaises(StopAsyncIteration):
                await anext(listener)
            await listener.wait_closed()
            await net.wait_closed()

        async def node_side(node: Node) -> None:
            # The first was taken; the others are broken off: one that waits, one that comes late.
            call = await node.called("Channels/Listen")
            node.item(call, channels.ListenEvent(ready=Ready()))
            node.item(call, channels.ListenEvent(channel=opened("one")))
            node.item(call, channels.ListenEvent(channel=opened("two")))
            assert (await node.frame()).cancel is not None
            node.item(call, channels.ListenEvent(channel=opened("three")))
            node.say(NodeFrame(id=call, failure=Failure(code="NET_CALL_CANCELLED", message="The call was cancelled.")))
            while len(reset) < 2:
                frame = await node.frame()
                assert frame.call is not None and frame.call.method.endswith("Reset")
                reset.append(channels.ChannelRequest.decode(frame.call.request).channel)

        await self.run_with(node_side, program)
        self.assertEqual(sorted(reset), ["three", "two"])

    async def test_errors_have_their_classes(self) -> None:
        async def node_side(node: Node) -> None:
            call = await node.called("Topics/Subscribe")
            node.say(NodeFrame(id=call, failure=Failure(code="NET_TOPIC_UNKNOWN", message="No topic.", hint="Declare it.", data={"name": "news"})))
            await node.message()

        async def program(net: NetClient) -> None:
            with self.assertRaises(TopicError) as raised:
                await net.subscribe("news")
            error: NetError = raised.exception
            self.assertEqual((error.code, str(error), error.data), ("NET_TOPIC_UNKNOWN", "No topic. Declare it.", {"name": "news"}))
            self.assertEqual((net.peer_id, net.scopes), ("node", ("channels",)))

        await self.run_with(node_side, program)


if __name__ == "__main__":
    unittest.main()

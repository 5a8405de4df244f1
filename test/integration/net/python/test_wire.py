"""What comes from the socket, read: also where it is malformed or too long."""

import random
import unittest
from dataclasses import dataclass

from nodestead_net import NetError, WireError
from nodestead_net.errors import error_of
from nodestead_net.message import Message
from nodestead_net.proto.channels import ChannelMetrics, ListenEvent
from nodestead_net.proto.session import Count, Failure, Item, NodeFrame, Reply, Welcome
from nodestead_net.wire import MAX_MESSAGE_BYTES, FrameReader, decode_varint, encode_frame, encode_varint


def code_of(test: unittest.TestCase, task: object) -> str:
    with test.assertRaises(WireError) as raised:
        task()  # type: ignore[operator]
    return raised.exception.code


class Varints(unittest.TestCase):
    def test_there_and_back(self) -> None:
        for value in (0, 1, 127, 128, 300, 16_383, 16_384, (1 << 32) - 1, 1 << 63, (1 << 64) - 1):
            encoded = encode_varint(value)
            self.assertEqual(decode_varint(b"\xff" + encoded + b"\xff", 1), (value, 1 + len(encoded)))
        self.assertEqual(encode_varint(300), b"\xac\x02")

    def test_what_is_none(self) -> None:
        for value in (-1, 1 << 64):
            self.assertRaises(ValueError, encode_varint, value)
        for data in (b"", b"\x80", b"\xff" * 9, b"\xff" * 9 + b"\x02", b"\x80" * 10 + b"\x01", b"\xff" * 11):
            self.assertEqual(code_of(self, lambda data=data: decode_varint(data, 0)), "NET_MESSAGE_MALFORMED", data)


class Frames(unittest.TestCase):
    def test_cut_anywhere(self) -> None:
        messages = [b"", b"a", bytes(127), bytes(128), bytes(range(256)) * 300, b"end"]
        stream = b"".join(map(encode_frame, messages))
        for size in (1, 2, 7, 1000, len(stream)):
            reader, read = FrameReader(), []
            for at in range(0, len(stream), size):
                reader.push(stream[at : at + size])
                while (message := reader.next()) is not None:
                    read.append(message)
            self.assertEqual(read, messages)
            self.assertEqual(reader.buffered, 0)

    def test_the_longest_and_one_more(self) -> None:
        reader = FrameReader()
        reader.push(encode_frame(bytes(MAX_MESSAGE_BYTES)))
        self.assertEqual(len(reader.next() or b""), MAX_MESSAGE_BYTES)
        # Refused by its length, before a byte of it has come.
        reader.push(encode_varint(MAX_MESSAGE_BYTES + 1))
        self.assertEqual(code_of(self, reader.next), "FRAME_TOO_LONG")
        self.assertEqual(code_of(self, lambda: encode_frame(bytes(MAX_MESSAGE_BYTES + 1))), "FRAME_TOO_LONG")

    def test_lengths_that_are_none(self) -> None:
        for data in (b"\x80\x00", b"\xff\x80\x00", b"\xff\xff\xff\xff", b"\x80\x80\x80\x80\x01"):
            reader = FrameReader()
            reader.push(data)
            self.assertEqual(code_of(self, reader.next), "FRAME_LENGTH_INVALID", data)
        reader = FrameReader()
        reader.push(b"\x80")
        self.assertIsNone(reader.next())


class Messages(unittest.TestCase):
    def test_there_and_back(self) -> None:
        frames = [
            NodeFrame(id=1, reply=Reply(response=b"\x00\xff")),
            NodeFrame(id=(1 << 32) - 1, item=Item(message=b"", dropped=1 << 40)),
            NodeFrame(id=2, failure=Failure(code="A", message="ä", hint="", data={"a": "1", "": ""})),
        ]
        for frame in frames:
            self.assertEqual(NodeFrame.decode(frame.encode()), frame)
        metrics = ChannelMetrics(sent=Count(messages=3, bytes=1 << 50), credit=7, round_trip_ms=1.25)
        self.assertEqual(ChannelMetrics.decode(metrics.encode()), metrics)
        self.assertIsNone(ChannelMetrics.decode(b"").round_trip_ms)
        self.assertEqual(Welcome.decode(Welcome(scopes=("a", "b"), peer_id="x").encode()).scopes, ("a", "b"))

    def test_bytes_that_others_write(self) -> None:
        self.assertEqual(Count(messages=150, bytes=0).encode(), b"\x08\x96\x01")
        self.assertEqual(NodeFrame(id=3, reply=Reply()).encode(), b"\x08\x03\x12\x00")
        # An event without its contents is one all the same.
        self.assertIsNotNone(ListenEvent.decode(b"\x0a\x00").ready)

    def test_what_is_not_known_is_passed_over(self) -> None:
        @dataclass(frozen=True)
        class Nothing(Message):
            pass

        data = b"\xa0\x06\x01" + b"\xa1\x06" + bytes(8) + b"\xa2\x06\x02ab" + b"\xa5\x06" + bytes(4)
        self.assertEqual(Nothing.decode(data), Nothing())
        self.assertEqual(Count.decode(data + b"\x08\x05"), Count(messages=5))

    def test_what_is_no_message(self) -> None:
        cases = {
            "a field beyond its message": b"\x0a\x05ab",
            "a length of 2**64 - 1": b"\x0a" + b"\xff" * 9 + b"\x01",
            "a group": b"\x0b\x0c",
            "a wire type that is none": b"\x0f",
            "the field 0": b"\x00\x01",
            "a key of 64 bits": b"\xff" * 9 + b"\x01",
            "an integer for a text": b"\x08\x05",
            "a fixed integer for a text": b"\x0d" + bytes(4),
            "half a fixed integer": b"\xa1\x06" + bytes(4),
            "a text that is not UTF-8": b"\x0a\x02\xc3\x28",
            "a key alone": b"\x0a",
        }
        for what, data in cases.items():
            self.assertEqual(code_of(self, lambda data=data: Failure.decode(data)), "NET_MESSAGE_MALFORMED", what)
        self.assertEqual(code_of(self, lambda: Count.decode(b"\x0a\x01a")), "NET_MESSAGE_MALFORMED")
        self.assertEqual(code_of(self, lambda: ChannelMetrics.decode(b"\x38\x01")), "NET_MESSAGE_MALFORMED")

    def test_whatever_comes_is_a_message_or_none(self) -> None:
        chance = random.Random(20_261)
        whole = NodeFrame(id=9, failure=Failure(code="NET_X", message="text", hint="do", data={"key": "value"})).encode()
        for _ in range(20_000):
            data = bytearray(whole if chance.random() < 0.7 else chance.randbytes(chance.randrange(40)))
            for _ in range(chance.randrange(4)):
                if data:
                    data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                NodeFrame.decode(bytes(data[: chance.randrange(len(data) + 1)]))
            except WireError as error:
                self.assertEqual(error.code, "NET_MESSAGE_MALFORMED")


class Errors(unittest.TestCase):
    def test_classes_by_code(self) -> None:
        told = {code: type(error_of(code, "m")).__name__ for code in ("CHANNEL_RESET", "NET_SCOPE_MISSING", "NET_TOO_MANY_OPEN", "NET_TOPIC_UNKNOWN", "NET_CLOSED", "NET_NEW")}
        classes = ["ChannelError", "NotAllowedError", "LimitError", "TopicError", "NotConnectedError", "NetError"]
        self.assertEqual(list(told.values()), classes)
        error = error_of("NET_X", "It failed.", hint="Try again.", data={"a": "b"})
        self.assertEqual((str(error), error.code, error.data), ("It failed. Try again.", "NET_X", {"a": "b"}))
        self.assertIsInstance(error, NetError)


if __name__ == "__main__":
    unittest.main()

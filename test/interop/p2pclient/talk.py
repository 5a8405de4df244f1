"""What p2pclient, as it is, asks of a node's socket. Arguments: the socket, the other peer's id and address. One JSON object on standard output."""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import anyio
from multiaddr import Multiaddr
from p2pclient import Client
from p2pclient.exceptions import ControlFailure
from p2pclient.libp2p_stubs.peer.id import ID
from p2pclient.pb import p2pd_pb2
from p2pclient.utils import read_pbmsg_safe

MIB = 1024 * 1024
TRANSFER = 100 * MIB
CHUNK = 64 * 1024


async def read_all(stream):
    digest, length = hashlib.sha256(), 0
    while True:
        try:
            data = await stream.receive(1 << 20)
        except anyio.EndOfStream:
            return digest.hexdigest(), length
        digest.update(data)
        length += len(data)


async def main():
    control, peer_text, address = sys.argv[1:4]
    peer = ID.from_base58(peer_text)
    said = {}
    with tempfile.TemporaryDirectory() as folder:
        listen = Multiaddr("/unix" + str(Path(folder) / "client.sock"))
        client = Client(control_maddr=Multiaddr("/unix" + control), listen_maddr=listen)
        async with client.listen():
            own, addresses = await client.identify()
            said["id"] = own.to_base58()
            said["addresses"] = [str(one) for one in addresses]
            await client.connect(peer, [Multiaddr(address.split("/p2p/")[0])])
            said["peers"] = [one.peer_id.to_base58() for one in await client.list_peers()]

            # A stream to the peer, which sends back what it gets.
            info, stream = await client.stream_open(peer, ["/unknown/1", "/echo/1"])
            said["opened"] = [info.peer_id.to_base58(), str(info.addr), info.proto]
            sent = hashlib.sha256()

            async def send():
                block = bytes(range(256)) * (CHUNK // 256)
                for number in range(TRANSFER // CHUNK):
                    data = number.to_bytes(4, "big") + block[4:]
                    sent.update(data)
                    await stream.send(data)
                await stream.send_eof()

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(send)
                digest, length = await read_all(stream)
            said["echo"] = {"same": digest == sent.hexdigest(), "bytes": length}
            await stream.aclose()

            # A stream from the peer.
            done = anyio.Event()

            async def handle(info, stream):
                digest, length = await read_all(stream)
                said["handled"] = {"peer": info.peer_id.to_base58(), "protocol": info.proto, "bytes": length, "digest": digest}
                await stream.send(digest.encode())
                await stream.aclose()
                done.set()

            await client.stream_handler("/take/1", handle)
            # The peer opens one when it is asked to.
            _, ask = await client.stream_open(peer, ["/open-to-me/1"])
            await ask.send(b"/take/1\n")
            await ask.send_eof()
            with anyio.fail_after(60):
                await done.wait()
                answer, _ = await read_all(ask)
            said["answered"] = answer == hashlib.sha256(said["handled"]["digest"].encode()).hexdigest()

            # The routing table.
            said["found"] = [str(one) for one in (await client.dht_find_peer(peer)).addrs]
            await client.dht_put_value(b"/v/greeting", b"hello")
            said["value"] = (await client.dht_get_value(b"/v/greeting")).decode()
            said["values"] = [one.decode() for one in await client.dht_search_value(b"/v/greeting")]
            cid = bytes([1, 0x55, 0x12, 0x20]) + hashlib.sha256(b"a thing").digest()
            await client.dht_provide(cid)
            said["providers"] = [one.peer_id.to_base58() for one in await client.dht_find_providers(cid, 5)]
            said["closest"] = [one.to_base58() for one in await client.dht_get_closest_peers(b"near what")]
            key = await client.dht_get_public_key(peer)
            said["key"] = [int(key.key_type) if hasattr(key, "key_type") else int(key.Type), len(key.data if hasattr(key, "data") else key.Data)]
            try:
                await client.dht_find_peers_connected_to_peer(peer)
            except ControlFailure as error:
                said["unsupported"] = str(error)

            # Topics.
            listening = await client.pubsub_subscribe("news")
            said["topics"] = list(await client.pubsub_get_topics())
            with anyio.fail_after(60):
                while peer.to_base58() not in [one.to_base58() for one in await client.pubsub_list_peers("news")]:
                    await anyio.sleep(0.05)
                await client.pubsub_publish("news", b"from python")
                message = p2pd_pb2.PSMessage()
                await read_pbmsg_safe(listening, message)
            said["heard"] = [ID(message.from_id if hasattr(message, "from_id") else getattr(message, "from")).to_base58(), message.data.decode(), list(message.topicIDs)]
            await listening.aclose()

            # What a connection is worth.
            await client.connmgr_tag_peer(peer, "friend", 5)
            await client.connmgr_untag_peer(peer, "friend")
            await client.connmgr_trim()
            await client.disconnect(peer)
            with anyio.fail_after(60):
                while await client.list_peers():
                    await anyio.sleep(0.05)
            said["disconnected"] = True
    print(json.dumps(said))


anyio.run(main)

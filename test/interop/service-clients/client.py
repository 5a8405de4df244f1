"""The service API as Python's own clients see it, with stubs that protoc made: grpcio, or connect-python by one of its protocols. Prints one JSON object."""

import json
import sys

PROTOCOL, ADDRESS, TOKEN = sys.argv[1:4]

from nodestead.v1 import chain_pb2, errors_pb2, node_pb2, topics_pb2

if PROTOCOL == "grpcio":
    import grpc
    from connectrpc._gen import status_pb2
    from nodestead.v1 import chain_pb2_grpc, node_pb2_grpc, topics_pb2_grpc

    channel = grpc.insecure_channel(ADDRESS.removeprefix("http://"))
    SAYS = [("authorization", f"Bearer {TOKEN}")]

    def service(name):
        stubs = {"Node": node_pb2_grpc.NodeStub, "Chain": chain_pb2_grpc.ChainStub, "Topics": topics_pb2_grpc.TopicsStub}
        return stubs[name](channel)

    def call(name, method, request, says=SAYS):
        return getattr(service(name), method)(request, metadata=says, timeout=60)

    def refused(error):
        status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        return error.code().value[1].replace(" ", "_"), status.details

    Refusal = grpc.RpcError
else:
    from connectrpc.errors import ConnectError as Refusal
    from connectrpc.protocol import ProtocolType
    from nodestead.v1.chain_connect import ChainClientSync
    from nodestead.v1.node_connect import NodeClientSync
    from nodestead.v1.topics_connect import TopicsClientSync

    SAYS = {"authorization": f"Bearer {TOKEN}"}

    def service(name):
        clients = {"Node": NodeClientSync, "Chain": ChainClientSync, "Topics": TopicsClientSync}
        return clients[name](ADDRESS, protocol={"connect": ProtocolType.CONNECT, "grpc-web": ProtocolType.GRPC_WEB}[PROTOCOL])

    def call(name, method, request, says=SAYS):
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in method).lstrip("_")
        return getattr(service(name), snake)(request, headers=says, timeout_ms=60_000)

    def refused(error):
        return error.code.value, error.details


def refusal(name, method, request, says=SAYS):
    try:
        answer = call(name, method, request, says)
        if not hasattr(answer, "DESCRIPTOR"):
            next(iter(answer))
        return None
    except Refusal as error:
        status, details = refused(error)
        info = errors_pb2.ErrorInfo()
        found = any(detail.Unpack(info) for detail in details)
        return {"status": status.lower(), "code": info.code if found else "", "hint": info.hint}


def imported(cursor, count):
    """Heights of so many imported blocks, and the cursor behind the last."""
    heights = []
    for told in call("Chain", "WatchBlocks", chain_pb2.WatchBlocksRequest(cursor=cursor)):
        cursor = told.cursor
        if told.WhichOneof("event") == "imported":
            heights.append(told.imported.block.number)
        if len(heights) == count:
            break
    return heights, cursor


def messages(cursor, count):
    found = []
    stream = iter(call("Topics", "WatchTopic", topics_pb2.WatchTopicRequest(topic="weather", cursor=cursor)))
    cursor = next(stream).cursor
    for payload in [b"one", b"two"] if count == 0 else []:
        call("Topics", "Publish", topics_pb2.PublishRequest(topic="weather", message=payload))
    while len(found) < max(count, 1):
        told = next(stream)
        cursor = told.cursor
        found.append(told.message.payload.decode())
    return found, cursor


status = call("Node", "Status", node_pb2.StatusRequest()).status
first, cursor = imported("", 2)
then, _ = imported(cursor, 2)
call("Topics", "Declare", topics_pb2.DeclareRequest(topic="weather", max_message_bytes=1000, messages_per_second=10, burst=10))
one, place = messages("", 0)
two, _ = messages(place, 1)
call("Topics", "Undeclare", topics_pb2.UndeclareRequest(topic="weather"))
wrong = {"authorization": "Bearer nobody"} if isinstance(SAYS, dict) else [("authorization", "Bearer nobody")]
json.dump(
    {
        "network": status.network,
        "chain": status.chain_name,
        "genesis": call("Chain", "Head", chain_pb2.HeadRequest()).genesis_hash,
        "heights": [height - first[0] for height in first + then],
        "messages": one + two,
        "refused": [
            refusal("Node", "Status", node_pb2.StatusRequest(network="moon")),
            refusal("Node", "Status", node_pb2.StatusRequest(), wrong),
            refusal("Chain", "WatchBlocks", chain_pb2.WatchBlocksRequest(cursor="nonsense")),
        ],
    },
    sys.stdout,
)

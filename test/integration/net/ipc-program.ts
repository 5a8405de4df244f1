/** A program that holds one of everything until it is killed. Arguments: the socket, a peer's id, and where to listen. */
import { createServer } from 'node:net'
import { peerBytes } from '../../../node-core/net/ipc/daemon/messages.ts'
import { PSRequest_Type, Request_Type } from '../../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { Node } from '../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { IpcClient } from '../../helpers/ipc-client.ts'
import { eventually } from '../../helpers/network.ts'

const [path, peer, listen] = process.argv.slice(2) as [string, string, string]

createServer(() => undefined).listen(listen, () => void hold())

async function hold(): Promise<void> {
  const [stream, topic, session, handler] = await Promise.all([0, 1, 2, 3].map(() => IpcClient.connect(path)))
  if (stream === undefined || topic === undefined || session === undefined || handler === undefined) throw new Error('no connection')
  const answers = [
    await stream.request({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(peer), proto: ['/open/1'] } }),
    await topic.request({ type: Request_Type.PUBSUB, pubsub: { type: PSRequest_Type.SUBSCRIBE, topic: 'news' } }),
    await handler.request({ type: Request_Type.STREAM_HANDLER, streamHandler: { addr: Uint8Array.from([0x90, 0x03, listen.length, ...Buffer.from(listen)]), proto: ['/handled/1'] } }),
  ]
  handler.close()
  for (const { error } of answers) if (error !== undefined) throw new Error(error.msg)
  const opened = await session.session()
  opened.stream(Node.method.events, {})
  // Its answer says that the call before it is running.
  await opened.call(Node.method.status, {})
  await eventually(() => handler.socket.destroyed, 'the end of the request')
  process.stdout.write('holds\n')
}

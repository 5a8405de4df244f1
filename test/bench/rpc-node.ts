/**
 * The servers of the bench rpc.ts: a whole node of the development network (`ours`), or a WebSocket server that answers each message at once
 * (`echo`), with as many bytes as the path asks for. Each says its port and, when it is asked, what processor time it has taken.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { fromHex } from '../../node-core/base/bytes.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { signedExtrinsic, transferCall } from '../helpers/dev-extrinsic.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { ID_AT, ID_DIGITS } from './rpc-frames.ts'

export interface ToRpcServer {
  readonly processor: true
}
export type FromRpcServer = { readonly port: number } | { readonly processorMicros: number }

/** In the block that is asked for. */
const TRANSFERS = 10

const say = (message: FromRpcServer): void => void process.send?.(message)

async function nodePort(): Promise<number> {
  const dev = await DevNode.start()
  const { node } = dev
  const { genesisHash } = node.blocks
  const version = await node.runtime.version(node.blocks.header(genesisHash)?.stateRoot ?? genesisHash)
  const bob = devAccount('//Bob').sr25519
  await dev.slots(2)
  for (let nonce = 0; nonce < TRANSFERS; nonce++) {
    await node.core.pool.submit(signedExtrinsic(bob, transferCall(fromHex(`0x${'77'.repeat(32)}`), 10n ** 12n), nonce, { genesisHash, version }), 'local')
  }
  await dev.slots(1)
  process.once('disconnect', () => void dev.stop().then(() => process.exit(0)))
  return Number(new URL(node.rpcAddress as string).port)
}

async function echoPort(): Promise<number> {
  const server = createServer()
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
    const bytes = Number(request.url?.slice(1))
    socket.on('message', (asked: Buffer) => {
      const answer = Buffer.alloc(bytes, 0x20)
      asked.copy(answer, 0, 0, ID_AT + ID_DIGITS)
      socket.send(answer, { binary: false })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.once('disconnect', () => process.exit(0))
  return (server.address() as AddressInfo).port
}

process.on('message', (_message: ToRpcServer) => {
  const { user, system } = process.cpuUsage()
  say({ processorMicros: user + system })
})
say({ port: process.argv[2] === 'ours' ? await nodePort() : await echoPort() })

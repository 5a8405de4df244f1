/** A node that a person starts with `--net`: a program with the token of its file is served, a stranger is not, and no socket is left behind. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Node } from '../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { CliProcess } from '../../helpers/cli.ts'
import { IpcClient } from '../../helpers/ipc-client.ts'

let folder: string | undefined
let node: CliProcess | undefined
afterEach(async () => {
  await node?.interrupt()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  node = folder = undefined
})

test('a node that is started with --net serves programs by its socket, and stops cleanly', async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-net-'))
  const tokenFile = join(folder, 'token')
  node = new CliProcess(['--dev', '--base-path', join(folder, 'data'), '--port', '0', '--listen-addr', '/ip4/127.0.0.1/tcp/0', '--rpc-port', '0', '--no-prometheus', '--net', '--net-token-file', tokenFile])
  const path = (await node.waitFor(/programs of this computer are served socket=(\S+)/))[1] ?? ''
  const id = (await node.waitFor(/local identity peerId=(\S+)/))[1] ?? ''
  const stranger = await IpcClient.connect(path)
  expect(await stranger.hello('somebody')).toBe('NET_TOKEN_UNKNOWN')
  const program = await IpcClient.connect(path)
  expect(await program.hello((await readFile(tokenFile, 'utf8')).trim())).toMatchObject({ program: 'command-line', peerId: id })
  const session = await program.session()
  const { families } = await session.call(Node.method.metrics, {})
  expect(families.map(({ name }) => name)).toEqual(expect.arrayContaining(['nodestead_channels', 'substrate_block_height']))
  const { code, stderr } = await node.interrupt()
  expect([code, existsSync(path)]).toEqual([0, false])
  expect(stderr).not.toMatch(/ERROR|WARN/)
})

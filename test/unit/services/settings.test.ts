/** A network's settings by the service API: typed, each of them there and back, and refused with the name of the setting that is wrong. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from '@bufbuild/protobuf'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { chainSettingsSchema } from '../../../node-core/manager/kinds/chain/profile.ts'
import type { NetworkAdmin } from '../../../node-core/manager/networks/network-admin.ts'
import { settingsFrom, settingsMessage } from '../../../node-core/services/methods/settings.ts'
import { ErrorInfoSchema } from '../../../node-core/services/proto/nodestead/v1/errors_pb.ts'
import { Node, NodeSettingsSchema } from '../../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { adminIn, StandInHost, storeIn } from '../../helpers/network-admin.ts'
import { TestService } from '../../helpers/service-client.ts'

let folder: string
let service: TestService
let admin: NetworkAdmin
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-settings-'))
  admin = adminIn(folder, new StandInHost(), storeIn(folder))
  service = await TestService.start({ dependencies: { networks: admin } })
})
afterEach(async () => {
  await service.stop()
  await rm(folder, { recursive: true, force: true })
})

const node = () => createClient(Node, service.transport('Connect JSON'))

it('each setting goes there and back, and another is written down', async () => {
  const { settings } = await node().settings({ network: 'dev' })
  expect(settings).toMatchObject({ name: 'Development', role: 'validator', account: 'alice', network: { inPeers: 32, upnp: true }, rpc: { port: 0, methods: 'auto' } })
  if (settings?.rpc === undefined) throw new Error('they are there')
  expect(settingsFrom(settings)).toEqual(admin.details('dev').profile.settings)
  settings.name = 'Mine'
  settings.rpc.cors = []
  await node().updateSettings({ network: 'dev', settings })
  expect(admin.details('dev').profile.settings).toMatchObject({ name: 'Mine', role: 'validator', rpc: { cors: [], port: 0 } })
})

it('there is a field for every setting, and what is left out is as for new networks', () => {
  const all = chainSettingsSchema.parse({ name: 'All', network: { listenAddrs: ['/ip4/127.0.0.1/tcp/1'], topologyFile: '/a', networkKeyFile: '/b' }, rpc: { cors: ['*'] }, blocksPruning: '256' })
  expect(settingsFrom(settingsMessage(all))).toEqual(all)
  expect(settingsFrom(create(NodeSettingsSchema, { name: 'New' }))).toEqual(chainSettingsSchema.parse({ name: 'New' }))
})

it('what is wrong is said by its name', async () => {
  const refused = async (settings: object): Promise<string> => {
    const error = ConnectError.from(await node().updateSettings({ network: 'dev', settings: { name: 'x', ...settings } }).then(() => undefined, (reason: unknown) => reason))
    return `${Code[error.code]} ${error.findDetails(ErrorInfoSchema)[0]?.code} ${error.rawMessage}`
  }
  expect(await refused({ network: { bootnodes: ['here'] } })).toMatch(/^InvalidArgument SERVICE_BAD_REQUEST .*network\.bootnodes\.0: not a multiaddress/)
  expect(await refused({ role: 'king' })).toMatch(/^InvalidArgument SERVICE_BAD_REQUEST .*settings\.role/)
  expect(await refused({ blocksPruning: 'some' })).toMatch(/blocksPruning: not a way to prune/)
})

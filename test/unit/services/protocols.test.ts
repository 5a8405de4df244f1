/** The same methods by gRPC, gRPC-web and Connect on one port, streams and errors included. */
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ErrorInfoSchema } from '../../../node-core/services/proto/nodestead/v1/errors_pb.ts'
import { Chain } from '../../../node-core/services/proto/nodestead/v1/chain_pb.ts'
import { Node, NodeState } from '../../../node-core/services/proto/nodestead/v1/node_pb.ts'
import { Scope } from '../../../node-core/services/proto/nodestead/v1/rights_pb.ts'
import { PROTOCOLS, TestService } from '../../helpers/service-client.ts'

let service: TestService
beforeEach(async () => {
  service = await TestService.start()
})
afterEach(() => service.stop())

/** What the call is refused with. */
async function refused(call: Promise<unknown>): Promise<{ status: string; code: string; hint: string; message: string; cursor: string }> {
  const error = ConnectError.from(await call.then(() => new Error('it was answered'), (reason: unknown) => reason))
  const [info] = error.findDetails(ErrorInfoSchema)
  return { status: Code[error.code], code: info?.code ?? '', hint: info?.hint ?? '', message: error.rawMessage, cursor: info?.cursor ?? '' }
}

describe.each(PROTOCOLS)('by %s', (protocol) => {
  it('a call is answered', async () => {
    const node = createClient(Node, service.transport(protocol))
    expect(await node.info({})).toMatchObject({ name: 'Nodestead', client: 'command-line', scopes: [Scope.READ, Scope.SUBMIT, Scope.CONTROL, Scope.ADMIN] })
    const { status } = await node.start({ network: 'dev' })
    expect(status).toMatchObject({ network: 'dev', state: NodeState.RUNNING, chainName: 'Development', newest: { number: 0 } })
    expect((await node.networks({})).networks.map(({ network }) => network)).toEqual(['dev', 'local'])
  })

  it('a stream tells of blocks as they come, and is taken up again by its cursor without a gap', async () => {
    const chain = createClient(Chain, service.transport(protocol))
    await service.manager.start('dev')
    const stop = new AbortController()
    const seen: string[] = []
    let cursor = ''
    const read = async (from: string, until: number): Promise<void> => {
      for await (const { cursor: next, event } of chain.watchBlocks({ network: 'dev', cursor: from }, { signal: stop.signal })) {
        cursor = next
        const number = event.case === 'imported' ? event.value.block?.number : event.value?.number
        if (seen.length === 0) service.manager.produce('dev')
        seen.push(`${event.case} ${number}`)
        if (event.case === 'best' && number === until) return
      }
    }
    await read('', 1)
    expect(seen).toEqual(['best 0', 'finalized 0', 'imported 1', 'finalized 0', 'best 1'])
    service.manager.produce('dev')
    service.manager.produce('dev')
    await read(cursor, 3)
    expect(seen.slice(5)).toEqual(['imported 2', 'finalized 0', 'best 2', 'imported 3', 'finalized 1', 'best 3'])
    stop.abort()
  })

  it('a refusal has a code, the reason and what to do', async () => {
    const node = createClient(Node, service.transport(protocol))
    expect(await refused(node.status({ network: 'moon' }))).toMatchObject({ status: 'NotFound', code: 'API_UNKNOWN_NETWORK', hint: 'Known networks: dev, local.' })
    expect(await refused(node.status({}))).toMatchObject({ status: 'InvalidArgument', code: 'SERVICE_NETWORK_UNNAMED' })
    expect(await refused(createClient(Chain, service.transport(protocol)).head({ network: 'dev' }))).toMatchObject({ status: 'FailedPrecondition', code: 'API_NODE_NOT_RUNNING', hint: 'Start the node first.' })
    expect(await refused(node.status({ network: '../etc' }))).toMatchObject({ status: 'InvalidArgument', code: 'SERVICE_BAD_REQUEST' })
    expect(await refused(node.logs({ count: 100_000 }))).toMatchObject({ status: 'InvalidArgument', message: expect.stringContaining('count') })
  })

  it('nothing is said without a token, or with one of nobody', async () => {
    expect(await refused(createClient(Node, service.transport(protocol, '')).info({}))).toMatchObject({ status: 'Unauthenticated', code: 'SERVICE_TOKEN_MISSING' })
    expect(await refused(createClient(Node, service.transport(protocol, 'b'.repeat(43))).info({}))).toMatchObject({ status: 'Unauthenticated', code: 'SERVICE_TOKEN_UNKNOWN' })
  })

  it('a token is good for its scopes alone, and for nothing once it is revoked, streams included', async () => {
    const { token } = await service.api.clients.add('reader', ['read'])
    const node = createClient(Node, service.transport(protocol, token))
    expect(await refused(node.stop({ network: 'dev' }))).toMatchObject({ status: 'PermissionDenied', code: 'SERVICE_SCOPE_MISSING' })
    const watched = node.watchStatus({})[Symbol.asyncIterator]()
    expect((await watched.next()).value?.event.case).toBe('status')
    await watched.next()
    const next = refused(watched.next())
    await service.api.clients.revoke('reader')
    expect(await next).toMatchObject({ status: 'Unauthenticated', code: 'SERVICE_TOKEN_UNKNOWN' })
    expect(await refused(node.info({}))).toMatchObject({ code: 'SERVICE_TOKEN_UNKNOWN' })
  })

  it('whoever is too slow is told where to go on', async () => {
    await service.stop()
    service = await TestService.start({ limits: { keptEvents: 8_192, waitingEvents: 64 } })
    const node = createClient(Node, service.transport(protocol))
    const lines = node.watchLogs({})[Symbol.asyncIterator]()
    const first = lines.next()
    await vi.waitFor(() => expect(service.manager.events.listenerCount('log')).toBe(1))
    service.manager.log('info', 'test', 'first')
    expect((await first).value?.line?.message).toBe('first')
    // More than the system's buffers take of a client that does not read.
    for (let i = 0; i < 6_000; i++) service.manager.log('info', 'test', `line ${i} ${'x'.repeat(2_000)}`)
    let read = 0
    const end = await refused((async () => { for (let item = await lines.next(); item.done !== true; item = await lines.next()) read++ })())
    expect(end).toMatchObject({ status: 'ResourceExhausted', code: 'SERVICE_CLIENT_TOO_SLOW' })
    const again = node.watchLogs({ cursor: end.cursor })[Symbol.asyncIterator]()
    expect((await again.next()).value?.line?.message).toMatch(new RegExp(`^line ${read} `))
    await again.return?.()
  })
})

it('health is answered to everybody', async () => {
  const answer = await fetch(`${service.api.address}/health`)
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'SERVING' }])
})

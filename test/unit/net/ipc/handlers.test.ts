import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { createLogger } from '../../../../node-core/base/logger.ts'
import { Handlers, listens } from '../../../../node-core/net/ipc/daemon/handlers.ts'
import type { LocalAddress } from '../../../../node-core/net/ipc/daemon/local-address.ts'
import { Holdings } from '../../../../node-core/net/ipc/holdings.ts'
import { IPC_LIMITS } from '../../../../node-core/net/ipc/limits.ts'
import { ScopeSet } from '../../../../node-core/net/ipc/scopes.ts'
import type { StreamDoor } from '../../../../node-core/network/streams.ts'
import { eventually } from '../../../helpers/network.ts'

const program = { name: 'p', scopes: ['streams'], may: new ScopeSet(['streams']) }
const address: LocalAddress = { kind: 'unix', path: '/somewhere' }
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function handlers(answer: () => boolean | undefined): { readonly handlers: Handlers; readonly clock: FakeClock; readonly served: Set<string> } {
  const clock = new FakeClock()
  const served = new Set<string>()
  const streams = {
    serve(protocol: string) {
      served.add(protocol)
      return () => served.delete(protocol)
    },
  } as unknown as StreamDoor
  const none = { tag: async () => undefined, untag: async () => undefined, trim: async () => undefined, known: async () => undefined }
  const holdings = new Holdings({ peers: none }, IPC_LIMITS)
  const made = new Handlers(
    { clock, logger: createLogger([], { default: 'off' }, 'test'), streams, holdings, isReserved: () => false, isOwnSocket: () => false, isListening: async () => answer() },
    IPC_LIMITS,
  )
  return { handlers: made, clock, served }
}

describe('the handlers of a program', () => {
  it('are given up when nobody listens any more where somebody did', async () => {
    let answer: boolean | undefined = true
    const { handlers: all, clock, served } = handlers(() => answer)
    all.register(program, address, ['/a/1', '/b/1'])
    await settle()
    clock.advance(10_000)
    await settle()
    expect([...served]).toEqual(['/a/1', '/b/1'])
    answer = false
    clock.advance(10_000)
    await settle()
    expect([[...served], all.of('p'), clock.nextDue()]).toEqual([[], [], undefined])
  })

  it.each([['the system does not tell', undefined], ['nobody was ever seen there', false]])('are kept where %s', async (_name, answer) => {
    const { handlers: all, clock } = handlers(() => answer)
    all.register(program, address, ['/a/1'])
    for (let i = 0; i < 5; i++) {
      await settle()
      clock.advance(10_000)
    }
    expect(all.of('p')).toEqual(['/a/1'])
  })

  it('end with it', async () => {
    const { handlers: all, served } = handlers(() => true)
    all.register(program, address, ['/a/1'])
    all.register({ ...program, name: 'q' }, address, ['/b/1'])
    all.release('p')
    expect([...served]).toEqual(['/b/1'])
    all.stop()
    all.stop()
    expect([...served]).toEqual([])
  })
})

describe.skipIf(process.platform !== 'linux')('whether somebody listens', () => {
  let folder: string
  const servers: Server[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-handlers-'))
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is seen at a Unix socket, also of a process that was killed', async () => {
    const path = join(folder, 'a.sock')
    expect(await listens({ kind: 'unix', path })).toBe(false)
    await writeFile(join(folder, 'file'), '')
    expect(await listens({ kind: 'unix', path: join(folder, 'file') })).toBe(false)
    const child = spawn(process.execPath, ['-e', `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`])
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
    expect(await listens({ kind: 'unix', path })).toBe(true)
    child.kill('SIGKILL')
    await eventually(async () => (await listens({ kind: 'unix', path })) === false, 'the end of the process')
  })

  it('is seen at a port of loopback, or of all addresses', async () => {
    for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
      const server = createServer()
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, host, resolve))
      const { port } = server.address() as { readonly port: number }
      expect(await listens({ kind: 'tcp', host: '127.0.0.1', port }), host).toBe(true)
      await new Promise<void>((resolve) => server.close(() => resolve()))
      expect(await listens({ kind: 'tcp', host: '127.0.0.1', port }), host).toBe(false)
    }
  })
})

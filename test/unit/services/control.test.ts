/** The service API as it is switched in the window: another port in place of the one that is open, and what is kept. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { ServiceControl, type PortChoice } from '../../../node-core/services/control.ts'
import { ServiceApi } from '../../../node-core/services/service-api.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

let folder: string
let manager: FakeManager
let kept: PortChoice
const controls: ServiceControl[] = []
const servers: Server[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-control-'))
  manager = new FakeManager({ clock: systemClock })
  kept = { isOn: false, port: await freePort() }
})
afterEach(async () => {
  for (const control of controls.splice(0)) await control.stop()
  for (const server of servers.splice(0)) server.close()
  await manager.stopAll()
  await rm(folder, { recursive: true, force: true })
})

/** One that somebody else has for as long as `stays`. */
async function freePort(stays = false): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  if (stays) servers.push(server)
  else await new Promise((resolve) => server.close(resolve))
  return port
}

async function started(): Promise<ServiceControl> {
  const api = new ServiceApi({ manager, program: { name: 'Nodestead', version: '0.0.0', host: 'desktop', platform: process.platform }, logger: silentLogger }, { folder })
  const control = new ServiceControl(api, silentLogger, { get: () => kept, keep: (choice) => void (kept = choice) })
  controls.push(control)
  await control.start()
  return control
}

const answers = (port: number): Promise<boolean> => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok, () => false)

it('a port is opened, exchanged for another, closed, and opened again at the next start', async () => {
  const control = await started()
  const [first, second] = [kept.port, await freePort()]
  expect(await control.state()).toMatchObject({ isOn: false, canChange: true, address: undefined, clients: [], problem: undefined })
  expect(await control.change({ isOn: true, port: first })).toMatchObject({ isOn: true, port: first, address: `http://127.0.0.1:${first}` })
  expect(await answers(first)).toBe(true)
  await control.change({ isOn: true, port: second })
  expect([await answers(first), await answers(second)]).toEqual([false, true])
  await control.stop()
  expect(await answers(second)).toBe(false)
  const next = await started()
  expect(await answers(second)).toBe(true)
  expect(await next.change({ isOn: false, port: second })).toMatchObject({ isOn: false, address: undefined })
  expect([await answers(second), kept]).toEqual([false, { isOn: false, port: second }])
})

it('a port that another program has changes nothing; at the start it is told', async () => {
  const control = await started()
  const taken = await freePort(true)
  await control.change({ isOn: true, port: kept.port })
  await expect(control.change({ isOn: true, port: taken })).rejects.toMatchObject({ code: 'SERVICE_PORT_IN_USE' })
  expect(await control.state()).toMatchObject({ isOn: true, port: kept.port, address: `http://127.0.0.1:${kept.port}`, problem: undefined })
  expect(kept.port).not.toBe(taken)
  await control.stop()
  kept = { isOn: true, port: taken }
  expect(await (await started()).state()).toMatchObject({ isOn: true, address: undefined, problem: { code: 'SERVICE_PORT_IN_USE', data: { port: taken } } })
})

it('clients are added, told and revoked; a list that cannot be read lets nobody in, and is told', async () => {
  const control = await started()
  expect((await control.addClient('reader', ['read'])).token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect((await control.state()).clients).toEqual([{ name: 'reader', scopes: ['read'], created: expect.any(Number) }])
  await control.revokeClient('reader')
  await expect(control.revokeClient('reader')).rejects.toMatchObject({ code: 'SERVICE_CLIENT_UNKNOWN' })
  await writeFile(join(folder, 'service-clients.json'), 'no list', { mode: 0o600 })
  expect(await (await started()).state()).toMatchObject({ clients: [], problem: { code: 'SERVICE_CLIENTS_FILE_INVALID' } })
})

it('where the command line decides it is told, and the port is not changed', async () => {
  const api = new ServiceApi({ manager, program: { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: process.platform }, logger: silentLogger }, { folder, port: 0, local: false })
  const control = new ServiceControl(api, silentLogger)
  controls.push(control)
  await control.start()
  expect(await control.state()).toMatchObject({ isOn: true, canChange: false, address: api.address })
  await expect(control.change({ isOn: false, port: 1 })).rejects.toMatchObject({ code: 'SERVICE_NOT_HERE' })
})

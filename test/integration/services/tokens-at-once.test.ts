/** Clients of the service API that several processes add and revoke at the same moment: no change undoes another's, and a lock that a killed process left holds nobody up. */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock, systemClock } from '../../../node-core/base/clock.ts'
import { V8_FLAGS } from '../../../node-core/base/v8-flags.ts'
import { Clients } from '../../../node-core/services/rights/clients.ts'
import { ClientsFile } from '../../../node-core/services/rights/clients-file.ts'
import { COMPILED } from '../../helpers/compiled.ts'

const PROCESSES = 8
const EACH = 4

let folder: string
let lock: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-clients-'))
  lock = join(folder, 'service-clients.json.lock')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const clientsHere = (clock = systemClock): Clients => new Clients(new ClientsFile(folder), clock)

it('what 8 processes add and revoke at once is all there', async () => {
  const program = join(import.meta.dirname, '../../helpers/token-process.ts')
  const children = Array.from({ length: PROCESSES }, (_, index) => fork(program, [folder, `p${index}`, String(EACH)], { env: { ...process.env, ...COMPILED }, execArgv: [...V8_FLAGS] }))
  try {
    await Promise.all(children.map((child) => once(child, 'message')))
    const ended = children.map((child) => once(child, 'exit'))
    for (const child of children) child.send('go')
    expect((await Promise.all(ended)).map(([code]) => code as number)).toEqual(children.map(() => 0))
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
  const names = (await clientsHere().list()).map(({ name }) => name).sort()
  expect(names).toEqual(children.flatMap((_, process) => Array.from({ length: EACH - 1 }, (_, index) => `p${process}-${index + 1}`)).sort())
  expect(await readdir(folder)).toEqual(['service-clients.json'])
})

it('a lock of a process that is gone is taken away; of one that is there, the change is refused in time, and says by whom', async () => {
  const { pid: gone } = spawnSync(process.execPath, ['--version'])
  await writeFile(lock, `${gone} 00\n`)
  const past = new Date(Date.now() - 60_000)
  await utimes(lock, past, past)
  expect((await clientsHere().add('first', ['read'])).client.name).toBe('first')

  await writeFile(lock, `${process.pid} 00\n`)
  await utimes(lock, past, past)
  const clock = new FakeClock(Date.now())
  const refused = expect(clientsHere(clock).add('second', ['read'])).rejects.toMatchObject({ code: 'SERVICE_CLIENTS_FILE_LOCKED', message: expect.stringContaining(`(process ${process.pid})`) as string })
  await expect.poll(() => clock.nextDue()).toBeDefined()
  clock.advance(29_000)
  await expect.poll(() => clock.nextDue()).toBeDefined()
  clock.advance(1_000)
  await refused
  expect((await clientsHere().list()).map(({ name }) => name)).toEqual(['first'])
})

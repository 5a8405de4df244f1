import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answers, LocalListener, prepareFolder } from '../../../../node-core/net/ipc/listener.ts'
import { eventually } from '../../../helpers/network.ts'

let folder: string
let path: string
const open: LocalListener[] = []
const sockets: Socket[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-listener-'))
  path = join(folder, 'a.sock')
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const listener of open.splice(0)) await listener.stop()
  await rm(folder, { recursive: true, force: true })
})

function listener(): LocalListener {
  const made = new LocalListener(path, true, (socket) => sockets.push(socket.on('error', () => undefined)))
  open.push(made)
  return made
}

const refused = (code: string): Error => expect.objectContaining({ code }) as Error

describe.skipIf(process.platform === 'win32')('a Unix socket', () => {
  it('is its owner’s alone, in a folder that is too', async () => {
    const own = join(folder, 'ipc')
    await mkdir(own, { mode: 0o755 })
    await prepareFolder({ kind: 'unix', folder: own, isFallback: false })
    path = join(own, 'a.sock')
    await listener().start()
    expect([(await stat(own)).mode & 0o777, (await stat(path)).mode & 0o777]).toEqual([0o700, 0o600])
  })

  it('is gone when it was stopped, and with it every connection', async () => {
    const one = listener()
    await one.start()
    const client = connect(path)
    sockets.push(client.on('error', () => undefined))
    await eventually(() => sockets.length === 2, 'the connection')
    await one.stop()
    await one.stop()
    await eventually(() => client.closed || client.readableEnded || client.destroyed, 'the end of the connection')
    expect(existsSync(path)).toBe(false)
  })

  it('of a living node is left as it is', async () => {
    await listener().start()
    await expect(listener().start()).rejects.toThrow(refused('NET_SOCKET_IN_USE'))
    expect(await answers(path)).toBe(true)
  })

  it('of a process that was killed is taken over', async () => {
    const child = spawn(process.execPath, ['-e', `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`])
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
    expect(await answers(path)).toBe(true)
    child.kill('SIGKILL')
    await new Promise<void>((resolve) => child.once('exit', () => resolve()))
    expect([existsSync(path), await answers(path)]).toEqual([true, false])
    await listener().start()
    expect(await answers(path)).toBe(true)
  })

  it('does not take the place of a file that is none', async () => {
    await writeFile(path, 'notes')
    await expect(listener().start()).rejects.toThrow(refused('NET_SOCKET_FAILED'))
    expect(existsSync(path)).toBe(true)
  })

  it('says why it cannot be opened', async () => {
    path = join(folder, 'nowhere', 'a.sock')
    await expect(listener().start()).rejects.toThrow(refused('NET_SOCKET_FAILED'))
  })

  it('lies in no folder of somebody else, nor behind a link', async () => {
    await expect(prepareFolder({ kind: 'unix', folder, isFallback: true }, (process.getuid?.() ?? 0) + 1)).rejects.toThrow(refused('NET_SOCKET_FOLDER_NOT_PRIVATE'))
    await symlink(folder, join(folder, 'link'))
    await expect(prepareFolder({ kind: 'unix', folder: join(folder, 'link'), isFallback: true })).rejects.toThrow(refused('NET_SOCKET_FOLDER_NOT_PRIVATE'))
    await chmod(folder, 0o755)
  })
})

/** Which settings of date and time are opened where, and that a program of the system is really run. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findProgram, timeSettings } from '../../../electron/time-settings.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-time-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A program that writes down what it was called with. */
async function install(name: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\nprintf '%s|%s' "$*" "\${LD_LIBRARY_PATH-none}" > '${folder}/said.new' && mv '${folder}/said.new' '${folder}/said'\n`)
  await chmod(path, 0o755)
  return path
}

const refuse = () => Promise.reject(new Error('no'))

describe('the settings of date and time', () => {
  it.each([
    ['win32', 'ms-settings:dateandtime'],
    ['darwin', 'x-apple.systempreferences:com.apple.Date-Time-Settings.extension'],
  ])('have an address on %s', async (platform, address) => {
    const opened: string[] = []
    await timeSettings({ platform, env: {}, openExternal: async (url) => void opened.push(url) })?.()
    expect(opened).toEqual([address])
    await expect(timeSettings({ platform, env: {}, openExternal: refuse })?.()).rejects.toMatchObject({ code: 'TIME_SETTINGS_NOT_OPENED' })
  })

  it('are not offered where there are none', () => {
    expect(timeSettings({ platform: 'linux', env: { PATH: folder }, openExternal: refuse })).toBeUndefined()
    expect(timeSettings({ platform: 'linux', env: {}, openExternal: refuse })).toBeUndefined()
    expect(timeSettings({ platform: 'freebsd', env: { PATH: folder }, openExternal: refuse })).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32')('are those of the desktop in use, else the first that run anywhere', async () => {
    const gnome = await install('gnome-control-center')
    const find = (desktop: string, PATH = folder) => findProgram({ PATH, XDG_CURRENT_DESKTOP: desktop })
    expect(find('ubuntu:GNOME')).toEqual({ path: gnome, args: ['system', 'datetime'] })
    // GNOME's run on GNOME alone.
    expect(find('XFCE')).toBeUndefined()
    const kde = await install('systemsettings')
    const mate = await install('mate-time-admin')
    expect(find('MATE')).toEqual({ path: mate, args: [] })
    expect(find('sway')).toEqual({ path: kde, args: ['kcm_clock'] })
    expect(find('KDE', `relative:${folder}`)?.path).toBe(kde)
    expect(find('KDE', 'relative')).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32')('are no folder, and no file that cannot be run', async () => {
    await mkdir(join(folder, 'systemsettings'))
    await writeFile(join(folder, 'time-admin'), '')
    expect(findProgram({ PATH: folder })).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32')('run without a shell, and without the libraries of an AppImage', async () => {
    await install('systemsettings')
    const said = () => readFile(join(folder, 'said'), 'utf8')
    const env = { PATH: `${folder}:${process.env['PATH']}`, LD_LIBRARY_PATH: '/own' }
    await timeSettings({ platform: 'linux', env, openExternal: refuse })?.()
    await vi.waitFor(async () => expect(await said()).toBe('kcm_clock|/own'), 10_000)
    await rm(join(folder, 'said'))
    await timeSettings({ platform: 'linux', env: { ...env, APPDIR: '/mount' }, openExternal: refuse })?.()
    await vi.waitFor(async () => expect(await said()).toBe('kcm_clock|none'), 10_000)
  })

  it.skipIf(process.platform === 'win32')('say so where they do not open', async () => {
    const path = await install('systemsettings')
    const open = timeSettings({ platform: 'linux', env: { PATH: folder }, openExternal: refuse })
    await rm(path)
    await expect(open?.()).rejects.toMatchObject({ code: 'TIME_SETTINGS_NOT_OPENED', hint: expect.stringContaining('by hand') })
  })
})

import { describe, expect, it } from 'vitest'
import { longestPath, socketPath, socketPlace, type Surroundings } from '../../../../node-core/net/ipc/place.ts'

const LINUX: Surroundings = { platform: 'linux', runtimeFolder: '/run/user/1000', temporaryFolder: '/tmp', uid: 1000 }
const LONG = `/home/somebody/${'long/'.repeat(20)}data`

describe('the place of sockets', () => {
  it('is the data folder where the path is short enough', () => {
    expect(socketPath(socketPlace('/home/somebody/data', LINUX), 'nodestead')).toBe('/home/somebody/data/ipc/nodestead.sock')
  })

  it('is a folder of the session where it is too long, another for each data folder', () => {
    const place = socketPlace(LONG, LINUX)
    expect(place).toEqual({ kind: 'unix', folder: expect.stringMatching(/^\/run\/user\/1000\/nodestead-[0-9a-f]{12}$/), isFallback: true })
    expect(socketPlace(`${LONG}2`, LINUX)).not.toEqual(place)
  })

  it('is a temporary folder where the system has no sessions', () => {
    expect(socketPlace(LONG, { ...LINUX, platform: 'darwin', runtimeFolder: undefined, uid: 501 })).toMatchObject({ folder: expect.stringMatching(/^\/tmp\/nodestead-501-[0-9a-f]{12}$/) })
  })

  it('is nowhere where every folder is too long: the error says so', () => {
    expect(() => socketPlace(LONG, { ...LINUX, runtimeFolder: `/${'x'.repeat(90)}`, temporaryFolder: `/${'y'.repeat(90)}` })).toThrow(expect.objectContaining({ code: 'NET_SOCKET_PATH_TOO_LONG' }) as Error)
  })

  it('counts bytes, not characters, and leaves room for the longest name', () => {
    for (const platform of ['linux', 'darwin'] as const) {
      for (let length = 1; length < 120; length++) {
        const place = socketPlace(`/${'é'.repeat(length)}`, { ...LINUX, platform })
        expect(Buffer.byteLength(socketPath(place, 'n'.repeat(32)))).toBeLessThanOrEqual(longestPath(platform))
      }
    }
    expect([longestPath('linux'), longestPath('darwin')]).toEqual([107, 103])
  })

  it('is a pipe on Windows, another for each data folder', () => {
    const windows: Surroundings = { platform: 'win32', runtimeFolder: undefined, temporaryFolder: 'C:\\Temp', uid: undefined }
    const place = socketPlace('C:\\Users\\somebody\\data', windows)
    expect(socketPath(place, 'nodestead')).toMatch(/^\\\\\?\\pipe\\nodestead-[0-9a-f]{12}-nodestead$/)
    expect(socketPlace('D:\\data', windows)).not.toEqual(place)
  })
})

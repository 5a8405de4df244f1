/** What is said of IP links; and that it is true on Linux: the file of TUN devices can be opened, and nothing can be read of it without an ioctl. */
import { closeSync, openSync, readSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tunSupport, tunUnsupported } from '../../../../node-core/net/link/tun.ts'

/** Linux: "File descriptor in bad state", which Node.js has no name for. */
const EBADFD = -77

const opened = ((): number | undefined => {
  try {
    return process.platform === 'linux' ? openSync('/dev/net/tun', 'r+') : undefined
  } catch {
    return undefined
  }
})()

describe('an IP link', () => {
  it.each(['linux', 'darwin', 'win32', 'aix'] as const)('is not there on %s, and it is said why and what it needs', (system) => {
    const support = tunSupport(system)
    expect(support).toMatchObject({ system, available: false })
    expect(support.needs).toMatch(/\.$/)
    const error = tunUnsupported(system)
    expect(error).toMatchObject({ code: 'NET_LINK_TUN_UNSUPPORTED', data: { needs: support.needs } })
    expect(error.message).toContain(support.reason)
    expect(error.hint).toContain('SOCKS')
  })

  it.skipIf(opened === undefined)(`cannot be read from a device that was only opened${opened === undefined ? ' (this user may not open /dev/net/tun)' : ''}`, () => {
    expect(() => readSync(opened as number, Buffer.alloc(1500))).toThrow(expect.objectContaining({ errno: EBADFD }) as Error)
    closeSync(opened as number)
  })
})

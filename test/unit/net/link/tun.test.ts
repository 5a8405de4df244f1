/** What is said of IP links on each system, and what is answered where there is none. */
import { describe, expect, it } from 'vitest'
import { noDevices, tunSupport } from '../../../../node-core/net/link/tun.ts'

describe('an IP link', () => {
  it.each([['linux', true], ['darwin', false], ['win32', false], ['aix', false]] as const)('on %s can be had: %s', (system, available) => {
    const support = tunSupport(system)
    expect(support).toMatchObject({ system, available })
    expect(support.needs).toMatch(/\.$/)
  })

  it('is refused with what it needs where there is none', async () => {
    const { needs } = tunSupport('darwin')
    await expect(noDevices('darwin')('nodestead0', { onPackets: () => undefined, onLost: () => undefined })).rejects.toMatchObject({
      code: 'NET_LINK_TUN_UNSUPPORTED',
      data: { needs },
      message: expect.stringContaining(needs) as string,
      hint: expect.stringContaining('SOCKS') as string,
    })
  })
})

import { describe, expect, it } from 'vitest'
import { browserDoor } from '../../../electron/browser-door.ts'

const URL_9944 = 'https://polkadot.js.org/apps/?rpc=ws%3A%2F%2F127.0.0.1%3A9944'

function door(answer: boolean, openExternal?: (url: string) => Promise<void>) {
  const asked: string[] = []
  const opened: string[] = []
  const { openPolkadotApps } = browserDoor({
    locale: () => 'en',
    ask: async (_message, detail) => (asked.push(detail), answer),
    openExternal: openExternal ?? (async (url) => void opened.push(url)),
  })
  return { asked, opened, openPolkadotApps }
}

describe('the door to the browser', () => {
  it('opens the page that the person saw and agreed to', async () => {
    const { asked, opened, openPolkadotApps } = door(true)
    expect(await openPolkadotApps('ws://127.0.0.1:9944')).toBe(true)
    expect(asked[0]).toContain(URL_9944)
    expect(opened).toEqual([URL_9944])
  })

  it('stays shut where the person does not agree, and for any address but a node of this computer', async () => {
    const refused = door(false)
    expect(await refused.openPolkadotApps('ws://127.0.0.1:9944')).toBe(false)
    expect(refused.opened).toEqual([])
    const foreign = door(true)
    for (const address of [undefined, 'ws://example.org:9944', 'file:///etc/passwd', 'ws://127.0.0.1:9944/../..']) expect(await foreign.openPolkadotApps(address)).toBe(false)
    expect([foreign.asked, foreign.opened]).toEqual([[], []])
  })

  it('asks once, however often the page does', async () => {
    let answer: (yes: boolean) => void = () => undefined
    const opened: string[] = []
    const { openPolkadotApps } = browserDoor({ locale: () => 'de', ask: () => new Promise((resolve) => (answer = resolve)), openExternal: async (url) => void opened.push(url) })
    const first = openPolkadotApps('ws://127.0.0.1:9944')
    expect(await openPolkadotApps('ws://127.0.0.1:9944')).toBe(false)
    answer(true)
    expect([await first, opened]).toEqual([true, [URL_9944]])
  })

  it('says what to do where the system opens nothing', async () => {
    const { openPolkadotApps } = door(true, () => Promise.reject(new Error('no browser')))
    await expect(openPolkadotApps('ws://127.0.0.1:9944')).rejects.toMatchObject({ code: 'BROWSER_NOT_OPENED', hint: expect.stringContaining(URL_9944) as string })
  })
})

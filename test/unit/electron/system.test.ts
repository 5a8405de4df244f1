/** Notifications, opening at login, and links: the parts that need no Electron. */
import { mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { wordsFor } from '../../../electron/i18n/words.ts'
import { desktopEntry, launchAtLogin } from '../../../electron/launch-at-login.ts'
import { followLink, linkIn, linkToFile, parseLink, requestIn, type LinkDeps } from '../../../electron/links.ts'
import { Notifier, type NotificationLevel } from '../../../electron/notifications.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import type { Trouble } from '../../../node-core/manager/watch/troubles.ts'
import { chainDetails } from '../../helpers/chain-status.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { PEERS } from '../../helpers/fake-network.ts'
import { brief, fetchingState } from '../../helpers/joining-status.ts'
import { SAMPLE_TROUBLES } from '../../helpers/sample-troubles.ts'

const ADDRESS = `/ip4/192.0.2.1/tcp/30333/p2p/${PEERS[0]}`

describe('the words of the main process', () => {
  it('follow the person, else the computer, else English', () => {
    expect([wordsFor('de', 'en').quit, wordsFor('system', 'es-MX').quit, wordsFor('system', 'fr').quit]).toEqual(['Beenden', 'Salir', 'Quit'])
  })
})

describe('notifications', () => {
  function setUp(level: NotificationLevel = 'problems') {
    const clock = new FakeClock(1_000_000)
    const shown: string[] = []
    const notifier = new Notifier({ clock, words: () => wordsFor('en', 'en'), level: () => level, networkName: () => 'Development', show: (title, body) => shown.push(`${title}: ${body}`) })
    const tell = (...codes: Trouble['code'][]) => notifier.onTroubles({ network: 'dev', troubles: SAMPLE_TROUBLES(0).filter(({ code }) => codes.includes(code)) })
    return { clock, shown, notifier, tell }
  }

  it('tell what is new, not what is known', () => {
    const { shown, tell } = setUp()
    tell('port-in-use')
    tell('port-in-use', 'no-peers')
    expect(shown).toEqual(['Development needs attention: A port is in use.', 'Development needs attention: No peers.'])
  })

  it('come once of a kind in ten minutes, and five in all', () => {
    const { clock, shown, tell } = setUp()
    tell('port-in-use')
    tell()
    tell('port-in-use')
    expect(shown).toHaveLength(1)
    tell('folder-locked', 'database-unusable', 'disk-full', 'clock-wrong', 'no-peers', 'runtime-trap')
    expect(shown).toHaveLength(5)
    tell()
    clock.advance(10 * 60_000)
    tell('port-in-use')
    expect(shown).toHaveLength(6)
  })

  it('keep to the level, and to a pause', () => {
    const none = setUp('none')
    none.tell('port-in-use')
    const problems = setUp('problems')
    problems.tell('router')
    problems.notifier.onUpdate('2.0.0')
    const all = setUp('all')
    all.tell('router')
    all.notifier.onUpdate('2.0.0')
    all.notifier.paused = true
    all.tell('port-in-use')
    expect([none.shown.length, problems.shown.length, all.shown]).toEqual([
      0, 0, ['Development needs attention: The router does not forward the port.', 'Nodestead 2.0.0 is ready: It is installed when you quit.'],
    ])
  })

  it('tell a failure, that it was given up, a stall, and that it has caught up', async () => {
    const { clock, shown, notifier } = setUp('all')
    const failed = SAMPLE_TROUBLES(0).filter(({ code }) => code === 'node-failed')
    notifier.onTroubles({ network: 'dev', troubles: failed })
    notifier.onTroubles({ network: 'dev', troubles: failed.map((trouble) => ({ ...trouble, outlook: { kind: 'gave-up', attempts: 5 } })) })
    const manager = new FakeManager({ clock })
    await manager.start('dev')
    manager.events.on('status', (network) => notifier.onStatus(network))
    manager.setStatus('dev', { catchingUp: { highest: 10, msLeft: 5 } })
    // The peers went: nothing is known of what is missing, which is no news.
    manager.setStatus('dev', { catchingUp: undefined, peers: 0 })
    expect(shown).toHaveLength(2)
    manager.setStatus('dev', { catchingUp: undefined, peers: 3, newest: { hash: '0x00', number: 1200 } })
    notifier.look(manager.networks())
    clock.advance(6 * 60_000)
    notifier.look(manager.networks())
    // Where blocks come on request none is late.
    manager.setStatus('dev', { details: chainDetails({ sealing: 'manual' }) })
    notifier.look(manager.networks().map((network) => ({ ...network, id: 'sealed' })))
    // Nor while the chain is joined: a state may take an hour.
    manager.setStatus('dev', { details: chainDetails({ joining: brief(fetchingState()) }) })
    notifier.look(manager.networks().map((network) => ({ ...network, id: 'joining' })))
    expect(shown).toEqual([
      'Development failed: The node failed. It restarts automatically.',
      'Development could not be restarted: The node failed.',
      'Development is up to date: The node follows the chain at block #1,200.',
      'Development: no new blocks: No new block for 6 min. Open Nodestead to see why.',
    ])
  })
})

describe('opening at login', () => {
  const items: unknown[] = []
  const setLoginItem = (item: unknown) => void items.push(item)

  it('is a desktop file on Linux, made and taken away', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-autostart-'))
    const file = join(folder, 'autostart', 'nodestead.desktop')
    const linux = { platform: 'linux', env: { XDG_CONFIG_HOME: folder }, command: ['/opt/My Apps/Nodestead.AppImage'], setLoginItem }
    await launchAtLogin(true, linux)
    expect(await readFile(file, 'utf8')).toContain('Exec="/opt/My Apps/Nodestead.AppImage" "--hidden"\n')
    await launchAtLogin(false, linux)
    await launchAtLogin(false, linux)
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is the system’s setting elsewhere', async () => {
    for (const platform of ['darwin', 'win32']) await launchAtLogin(true, { platform, env: {}, command: ['Nodestead'], setLoginItem })
    expect(items).toEqual([{ openAtLogin: true, args: ['--hidden'] }, { openAtLogin: true, args: ['--hidden'] }])
  })

  it('quotes what a shell would take for something else', () => {
    expect(desktopEntry(['/a b/$x"%`\\'])).toContain('Exec="/a b/\\\\$x\\\\"%%\\\\`\\\\\\\\"')
  })
})

describe('links', () => {
  it('are understood to the letter', () => {
    expect(parseLink('nodestead://open/peers')).toEqual({ kind: 'open', screen: 'peers' })
    expect(parseLink(`nodestead://peer/add?network=dev&address=${encodeURIComponent(ADDRESS)}`)).toEqual({ kind: 'add-peer', network: 'dev', address: ADDRESS })
    expect(parseLink('nodestead://network/add?spec=/home/me/net.json')).toEqual({ kind: 'add-network', specPath: '/home/me/net.json' })
  })

  it.each([
    'nodestead://', 'nodestead://open/', 'nodestead://open/nothing', 'nodestead://open/peers?x=1', 'nodestead://open/peers/more', 'https://open/peers', 'nodestead:open/peers',
    'nodestead://user@open/peers', 'nodestead://open:1/peers', 'nodestead://open/peers#x', 'nodestead://open/../../peers', 'nodestead://open/pe\ners', 'nodestead://peer/add?network=dev', 'nodestead://peer/add?network=dev&address=/ip4/1.2.3.4/tcp/1',
    `nodestead://peer/add?network=..%2F&address=${ADDRESS}`, `nodestead://peer/add?network=dev&network=dev&address=${ADDRESS}`, `nodestead://peer/add?network=dev&address=${ADDRESS}&more=1`,
    'nodestead://network/add?spec=net.json', 'nodestead://network/add?spec=/etc/passwd', 'nodestead://network/add?spec=/a%0Ab.json', 'nodestead://network/add?spec=/a%E2%80%A8b.json', 'nodestead://network/add?spec=//server/share/net.json',
    'nodestead://join', 'nodestead://join?network=', 'nodestead://join?network=a.b', 'nodestead://join?network=ab&more=1', `nodestead://join?network=${'a'.repeat(9000)}`,
    'nodestead://network/add?spec=%5C%5Cserver%5Cshare%5Cnet.json', 'nodestead://network/remove?network=dev', `nodestead://open/${'a'.repeat(3000)}`,
  ])('refuses %s', (link) => expect(parseLink(link)).toBeUndefined())

  it('are found among arguments', () => {
    expect(linkIn(['/app', '--hidden', 'nodestead://open/peers'])).toBe('nodestead://open/peers')
    expect(linkIn(['/app'])).toBeUndefined()
  })

  it('stand for a chain specification that is opened with the app', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-open-'))
    const spec = join(folder, 'our network.chainspec')
    await writeFile(spec, '{}')
    await writeFile(join(folder, 'notes.txt'), '')
    await mkdir(join(folder, 'folder.json'))
    const link = requestIn(['/app', '--hidden', 'our network.chainspec'], folder)
    expect(link).toBe(linkToFile(spec))
    expect(parseLink(link ?? '')).toEqual({ kind: 'add-network', specPath: spec })
    expect(requestIn(['/app', spec], '/elsewhere')).toBe(link)
    // As a file manager of Linux names it.
    expect(requestIn(['/app', pathToFileURL(spec).href], '/elsewhere')).toBe(link)
    expect(requestIn(['/app', spec, 'nodestead://open/logs'], folder)).toBe('nodestead://open/logs')
    for (const argv of [['/app'], ['/app', 'notes.txt'], ['/app', 'folder.json'], ['/app', 'missing.json'], ['/app', '--spec.json'], ['/app', 'file://server/share/net.json'], ['/app', 'file:///%zz.json'], [spec]]) expect(requestIn(argv, folder)).toBeUndefined()
  })

  async function follow(link: string, agree: boolean, start = true) {
    const manager = new FakeManager({ clock: new FakeClock() })
    if (start) await manager.start('dev')
    const said: string[] = []
    const deps: LinkDeps = {
      manager,
      offer: (source) => said.push(`offer ${source}`),
      words: () => wordsFor('en', 'en'),
      ask: async (_, detail) => (said.push(`ask ${detail}`), agree),
      refuse: async (_, detail) => void said.push(`refuse ${detail}`),
      show: (screen) => said.push(`show ${screen}`),
    }
    await followLink(link, deps)
    return { said, actions: manager.node('dev')?.network.actions ?? [] }
  }
  const PEER_LINK = `nodestead://peer/add?network=dev&address=${ADDRESS}`

  it('do nothing before the person has agreed', async () => {
    const declined = await follow(PEER_LINK, false)
    expect([declined.said.length, declined.said[0]?.includes(ADDRESS), declined.actions]).toEqual([1, true, []])
    const agreed = await follow(PEER_LINK, true)
    expect([agreed.said[1], agreed.actions]).toEqual(['show peers', [`add ${ADDRESS}`]])
    expect((await follow('nodestead://open/logs', false)).said).toEqual(['ask Open the logs screen.'])
    expect((await follow('nodestead://open/logs', true)).said[1]).toBe('show logs')
  })

  it('show a network file or an invitation in the window, which adds nothing by itself', async () => {
    expect((await follow('nodestead://network/add?spec=/a/net.json', true)).said).toEqual(['offer /a/net.json'])
    const invitation = `nodestead://join?network=${'Ab-_'.repeat(1_000)}`
    expect((await follow(invitation, true)).said).toEqual([`offer ${invitation}`])
  })

  it('say why they cannot be followed', async () => {
    expect((await follow('nodestead://wipe/all', true)).said).toEqual(['refuse Nodestead does not understand this link. Nothing was done.'])
    expect((await follow(PEER_LINK.replace('network=dev', 'network=mars'), true)).said).toEqual(['refuse There is no network “mars”.'])
    expect((await follow(PEER_LINK, true, false)).said[0]).toContain('is not running')
  })
})

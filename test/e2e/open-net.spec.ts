/** A network that is open to services and programs, in a browser around a manager without a node: the composer, channels, files and local programs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as base, type Page } from '@playwright/test'
import { violations } from './fixtures/accessibility.ts'
import { dashboardAround } from './fixtures/dashboard-around.ts'
import { ROOT } from '../../build/terminal.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { LinkError } from '../../node-core/net/link/errors.ts'
import { linkHost } from '../../node-core/net/link/hosts.ts'
import type { PeerMetrics } from '../../node-core/net/channels/types.ts'
import type { FetchStatus } from '../../node-core/net/resources/resources.ts'
import { de } from '../../renderer/i18n/de/index.ts'
import { en } from '../../renderer/i18n/en/index.ts'
import { es } from '../../renderer/i18n/es/index.ts'
import type { Messages } from '../../renderer/i18n/messages.ts'
import { FakeManager, type FakeRunningNode } from '../helpers/fake-manager.ts'
import { FakeNet, NO_CONNECTIONS, NO_TRAFFIC } from '../helpers/fake-net.ts'
import { PEERS, fakePeer, fakeTopic } from '../helpers/fake-network.ts'

const shots = (name: string): string => join(ROOT, 'test-results/screenshots', `${name}.png`)
const ROOTS = ['3f'.repeat(32), '9c'.repeat(32), 'd1'.repeat(32), '72'.repeat(32)] as const

interface Fixtures {
  node: FakeRunningNode
  net: FakeNet
  url: string
}

const test = base.extend<Fixtures & { manager: FakeManager }>({
  manager: async ({}, use) => {
    const manager = new FakeManager({ clock: systemClock })
    await manager.start('dev')
    manager.produce('dev')
    await use(manager)
    await manager.stopAll()
  },
  node: async ({ manager }, use) => use(manager.node('dev') as FakeRunningNode),
  net: async ({ node }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'nodestead-open-net-'))
    const net = new FakeNet(systemClock, folder)
    node.net = net
    await use(net)
    rmSync(folder, { recursive: true })
  },
  url: async ({ manager }, use) => dashboardAround(manager, use),
})

async function go(page: Page, screen: string): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: screen, exact: true }).click()
  await expect(page.getByRole('heading', { name: screen, exact: true, level: 1 })).toBeVisible()
}

function fetching(root: string, path: string, change: Partial<FetchStatus> & { readonly had?: number } = {}): FetchStatus {
  const { had = 31_000_000, ...rest } = change
  return {
    request: { root, path, peers: [] },
    isPaused: false,
    progress: {
      state: 'fetching', length: 48_000_000, wantedBytes: 48_000_000, hadBytes: had, wastedBytes: 0, bytesPerSecond: 2_400_000, secondsLeft: (48_000_000 - had) / 2_400_000, left: [],
      peers: PEERS.slice(0, 2).map((peer) => ({ peer, state: 'ready', bytes: had / 2, bytesPerSecond: 1_200_000, hasAll: true })),
    },
    outcome: undefined,
    ...rest,
  }
}

/** Something of everything. */
async function furnish(node: FakeRunningNode, net: FakeNet): Promise<void> {
  const now = Date.now()
  node.network.topics = [fakeTopic({ subscribers: 12, messagesIn: 100, bytesIn: 30_000 }), fakeTopic({ topic: 'net/news', subscribers: 3, messagesIn: 40, bytesIn: 8_000, duplicates: 4 })]
  net.topicFigures = [
    {
      name: 'news',
      peers: [...PEERS],
      services: [{ service: 'reader', received: 1_204, dropped: 0, waiting: 0, waitingBytes: 0 }, { service: 'slow-archive', received: 1_204, dropped: 310, waiting: 256, waitingBytes: 64_000 }],
      senders: [{ peer: PEERS[0], messages: 1_100, bytes: 420_000, lastAt: now - 3_000 }, { peer: PEERS[1], messages: 104, bytes: 9_400, lastAt: now - 90_000 }],
      ways: [{ way: 'direct', delivered: 1_180, duplicates: 12 }, { way: 'gossip', delivered: 24, duplicates: 61 }],
    },
  ]
  const state = { direction: 'outbound', open: true, phase: 'open' } as const
  const busy = { ...NO_TRAFFIC, sent: { messages: 80, bytes: 8_000_000 }, received: { messages: 12, bytes: 9_000 } }
  net.openChannels = [
    { state: { ...state, id: '1', peer: PEERS[0], service: 'chat', class: 'control', found: 'connected', path: 'direct' }, metrics: NO_TRAFFIC },
    { state: { ...state, id: '2', peer: PEERS[0], service: 'backup/photos', class: 'bulk', found: 'kademlia', path: 'direct' }, metrics: { ...busy, queued: { messages: 3, bytes: 900_000 } } },
    { state: { ...state, id: '3', peer: PEERS[2], service: 'chat', class: 'normal', found: 'relay', path: 'relayed' }, metrics: { ...busy, dropped: 2 } },
  ]
  const line = (peer: string, change: Partial<PeerMetrics>): PeerMetrics => ({ ...busy, peer, channels: 1, path: 'direct', inFlight: 0, window: 1, bytesPerSecond: 4_100_000, resumed: 0, moved: 0, ...change })
  net.peerLines = [line(PEERS[0], { channels: 2, moved: 1 }), line(PEERS[2], { path: 'relayed', rttMs: 240, bytesPerSecond: 90_000, resumed: 3 })]
  net.shared = [
    { root: ROOTS[0], path: '/home/ada/Videos/lecture-on-networks-and-how-they-spread-a-message.mp4', length: 734_003_200, modified: 1, added: now - 3_600_000 },
    { root: ROOTS[1], path: '/home/ada/notes.txt', length: 4_096, modified: 1, added: now - 60_000, withdrawn: 'It has been written to since it was shared.' },
  ]
  net.adding = { path: '/home/ada/backup.tar', bytes: 3_100_000_000, of: 8_000_000_000 }
  net.fetched = [
    fetching(ROOTS[2], '/home/ada/Downloads/map-of-the-world-in-four-hundred-sheets.zip'),
    fetching(ROOTS[3], '/home/ada/Downloads/lecture.mp4', { had: 9_000_000, outcome: { kind: 'failed', error: new NodeError('NET_RESOURCE_NOBODY', 'Nobody who can be reached has what is missing of the file. 9 MB of it are here.', { hint: 'Try again when somebody with the file is connected.' }) } }),
    fetching(ROOTS[0], '/home/ada/Downloads/done.iso', { had: 48_000_000, outcome: { kind: 'done', path: '/home/ada/Downloads/done.iso', isWhole: true } }),
  ]
  net.links = {
    openings: [
      { port: 5432, name: 'orders-database', peers: [PEERS[0], PEERS[2]], target: { host: '127.0.0.1', port: 5432 }, relayed: false },
      { port: 22, peers: [PEERS[1]], target: { host: '192.168.178.20', port: 22 }, relayed: true },
    ],
    forwards: [
      { localPort: 8443, peer: PEERS[0], wanted: { name: 'web' }, relayed: true },
      { localPort: 5900, peer: PEERS[2], wanted: { port: 5900 }, relayed: false },
    ],
    socks: { localPort: 1080, relayed: false, passwordHash: '5a'.repeat(32) },
  }
  net.linkFigures.set(5432, { ...NO_CONNECTIONS, connections: 3, opened: 40, sentBytes: 18_000_000, receivedBytes: 310_000 })
  net.linkFigures.set(22, { ...NO_CONNECTIONS, refused: 4, lastRefusal: 'NET_LINK_TARGET_REFUSED' })
  net.linkFigures.set(8443, { ...NO_CONNECTIONS, connections: 1, opened: 9, refused: 2, lastRefusal: 'NET_LINK_NOT_OPENED', sentBytes: 9_400, receivedBytes: 4_200_000 })
  net.takenPorts.add(5900)
  await net.programs.add('weather', ['topics:news/*', 'metrics'], { ownSocket: true })
  await net.programs.add('backup', ['channels:backup/*', 'resources', 'discovery'], { ownSocket: false })
  net.connect('weather', 'weatherd 2.1')
}

test('a message to all, to a list and to all but a list, and what became of it', async ({ page, node, net, url }) => {
  await furnish(node, net)
  await page.goto(url)
  await go(page, 'Topics')
  await page.getByRole('row', { name: 'news' }).click()
  await expect(page.getByRole('table', { name: 'Service' })).toContainText('slow-archive')
  await page.getByRole('button', { name: 'Send message…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Message').fill('good morning')
  net.delivery = { id: `0x${'01'.repeat(32)}`, way: 'direct', sent: [...PEERS], taken: [], undelivered: [] }
  await dialog.getByRole('button', { name: 'Send' }).click()
  await expect(dialog.getByTestId('delivery')).toContainText('Sent to 3 peers (direct).')

  await dialog.getByLabel('To').selectOption('only')
  await dialog.getByRole('button', { name: 'Send' }).click()
  await expect(dialog).toContainText('Choose a peer or enter a peer ID.')
  await dialog.getByTitle(PEERS[0]).click()
  await dialog.getByLabel('Other peers').fill(PEERS[1])
  net.delivery = { ...net.delivery, sent: [PEERS[0]], taken: [PEERS[0]], undelivered: [{ peer: PEERS[1], reason: 'no-service' }] }
  await dialog.getByRole('button', { name: 'Send' }).click()
  await expect(dialog.getByTestId('delivery')).toContainText('Delivered to 1 of 2 peers.')
  await expect(dialog.getByTestId('delivery')).toContainText('no service is subscribed there')

  await dialog.getByLabel('To').selectOption('except')
  await dialog.getByLabel('Format').selectOption('hex')
  await expect(dialog).toContainText('Pairs of hexadecimal digits are expected.')
  await dialog.getByLabel('Message').fill('00 ff')
  await dialog.getByRole('button', { name: 'Send' }).click()
  await expect.poll(() => net.published).toEqual([
    { topic: 'news', payload: Buffer.from('good morning').toString('hex'), options: { to: 'everybody' } },
    { topic: 'news', payload: Buffer.from('good morning').toString('hex'), options: { to: { only: [PEERS[0], PEERS[1]] } } },
    { topic: 'news', payload: '00ff', options: { to: { except: [PEERS[0], PEERS[1]] } } },
  ])
  net.delivery = new NodeError('NET_TOPIC_BUSY', '4096 messages wait for receipts already.', { hint: 'Send the next ones when some have come.' })
  await dialog.getByRole('button', { name: 'Send' }).click()
  await expect(dialog.getByRole('alert')).toContainText('wait for receipts')
})

test('files: shared, fetched by root, paused, resumed, discarded', async ({ page, net, url }) => {
  await page.goto(url)
  await go(page, 'Topics')
  await page.getByRole('tab', { name: 'Files' }).click()
  await expect(page.getByTestId('sentence')).toHaveText('0 files shared, nothing is being fetched.')
  await page.getByRole('button', { name: 'Share file…' }).click()
  await page.getByRole('dialog').getByLabel('File').fill('/home/ada/film.mp4')
  await page.getByRole('dialog').getByRole('button', { name: 'Share' }).click()
  await expect(page.getByRole('table', { name: 'Shared files' })).toContainText('film.mp4')
  await page.getByRole('button', { name: 'Stop sharing film.mp4' }).click()
  await expect(page.getByText('No shared file.')).toBeVisible()

  await page.getByRole('button', { name: 'Fetch file…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Root').fill('12')
  await expect(dialog).toContainText('64 hexadecimal digits are expected.')
  await dialog.getByLabel('Root').fill(ROOTS[2])
  await dialog.getByLabel('Folder').fill('/home/ada')
  await dialog.getByLabel('File name').fill('map.zip')
  await dialog.getByLabel('Peers to ask').fill('nobody')
  await dialog.getByRole('button', { name: 'Fetch' }).click()
  await expect(dialog.getByRole('alert')).toContainText('peer id')
  await dialog.getByLabel('Peers to ask').fill(PEERS[0])
  await dialog.getByRole('button', { name: 'Fetch' }).click()
  const path = join('/home/ada', 'map.zip')
  await expect(page.locator(`[data-fetch="${path}"]`)).toBeVisible()
  net.fetched = [fetching(ROOTS[2], path)]
  await expect(page.locator(`[data-fetch="${path}"]`)).toContainText(/fetching · 31(\.0)? MB of 48(\.0)? MB · 2\.4 MB\/s · 7 s left · 2 peers/)
  await expect(page.getByRole('progressbar', { name: 'Progress of map.zip' })).toHaveAttribute('aria-valuenow', '64')
  await page.getByRole('button', { name: 'Pause: map.zip' }).click()
  await page.getByRole('button', { name: 'Resume: map.zip' }).click()
  await page.getByRole('button', { name: 'Discard…: map.zip' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
  await expect(page.getByText('Nothing has been fetched.')).toBeVisible()
  expect(net.asked).toEqual([`fetch ${path}`, `pause ${path}`, `resume ${path}`, `discard ${path}`])
})

test('an IP link: what an administrator does for it, who is in it, and why it does not work', async ({ page, net, url }) => {
  await page.goto(url)
  await go(page, 'Topics')
  await page.getByRole('tab', { name: 'Private link' }).click()
  await page.getByRole('button', { name: 'Set up IP link…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByTestId('device-commands')).toContainText('sudo ip tuntap add dev nodestead0 mode tun user "$USER"')
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog).toContainText('Enter at least one peer with its address.')
  await dialog.getByLabel('Peers and their addresses').fill(PEERS[0])
  await expect(dialog).toContainText(`“${PEERS[0]}” is not a peer ID followed by addresses.`)
  await dialog.getByLabel('Peers and their addresses').fill(`${PEERS[0]} 10.77.0.2 fd77::2\n${PEERS[1]} 10.77.0.3`)
  net.ipFailure = new LinkError('NET_LINK_TUN_MISSING', 'There is no TUN device nodestead0 on this computer.', { hint: 'An administrator makes it for you once.', data: { device: 'nodestead0' } })
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog.getByRole('alert')).toContainText('There is no TUN device nodestead0')
  net.ipFailure = undefined
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByTestId('ip')).toContainText('nodestead0')
  await expect(page.locator(`[data-ip-peer="${PEERS[0]}"]`)).toContainText('10.77.0.2')
  net.ipFigures = { ...net.ipFigures, state: 'refused', refusal: 'NET_LINK_NOT_OPENED', isHeard: false, sentPackets: 1200, sentBytes: 1_700_000, receivedPackets: 1, receivedBytes: 84, dropped: 3, foreign: 1 }
  await expect(page.locator(`[data-ip-peer="${PEERS[1]}"]`)).toContainText('The peer has not opened it for this node.')
  await expect(page.locator(`[data-ip-peer="${PEERS[1]}"]`)).toContainText('3 dropped, there was no way or no room')
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Change…: IP link' }).click()
  await expect(dialog.getByLabel('Peers and their addresses')).toHaveValue(`${PEERS[0]} 10.77.0.2 fd77::2\n${PEERS[1]} 10.77.0.3`)
  await dialog.getByLabel('Peers and their addresses').fill(`${PEERS[0]} 10.77.0.2`)
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(page.locator(`[data-ip-peer="${PEERS[1]}"]`)).toBeHidden()
  await page.getByRole('button', { name: 'Close: IP link' }).click()
  await expect(page.getByTestId('tun')).toBeVisible()
})

test('private links: ports for peers, ports that lead to peers, and the door, each on the word of who sits here', async ({ page, node, net, url }) => {
  node.network.details = [fakePeer(PEERS[0]), fakePeer(PEERS[1])]
  await page.goto(url)
  await go(page, 'Topics')
  await page.getByRole('tab', { name: 'Private link' }).click()
  await expect(page.getByTestId('sentence')).toHaveText('Nothing is open: no port for peers, none that leads to a peer.')
  await expect(page.getByTestId('tun')).toContainText('No IP link is open.')

  await page.getByRole('button', { name: 'Open port…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('A program that trusts every connection from its own computer trusts them too.')
  await dialog.getByLabel('Port', { exact: true }).fill('70000')
  await expect(dialog).toContainText('A whole number from 1 to 65535 is expected.')
  await dialog.getByLabel('Port', { exact: true }).fill('80')
  await dialog.getByLabel('Port of the program').fill('8080')
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(dialog).toContainText('Choose a peer or enter a peer ID.')
  await dialog.getByTitle(PEERS[0]).click()
  await dialog.getByLabel('Name', { exact: true }).fill('Web')
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('is not a name')
  await dialog.getByLabel('Name', { exact: true }).fill('web')
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  const row = page.locator('[data-opening="80"]')
  await expect(row).toContainText('127.0.0.1:8080')
  expect(net.links.openings).toEqual([{ port: 80, name: 'web', peers: [PEERS[0]], target: { host: '127.0.0.1', port: 8080 }, relayed: false }])
  await page.getByRole('button', { name: 'Add peer…: 80' }).click()
  await dialog.getByTitle(PEERS[1]).click()
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(row.getByTitle(PEERS[1])).toBeVisible()
  await row.getByRole('button', { name: /^Close port 80 for/ }).first().click()
  await expect(row.getByTitle(PEERS[0])).toHaveCount(0)
  await page.getByRole('button', { name: 'Close: 80' }).click()
  await expect(page.getByText('No port is open to peers.')).toBeVisible()

  net.takenPorts.add(8080)
  await page.getByRole('button', { name: 'Forward port…' }).click()
  await dialog.getByTitle(PEERS[0]).click()
  await dialog.getByLabel('Port or name at the peer').fill('web')
  await dialog.getByLabel('Local port').fill('8080')
  await dialog.getByRole('button', { name: 'Forward', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('Another program listens at port 8080')
  await dialog.getByLabel('Local port').fill('8081')
  await dialog.getByRole('button', { name: 'Forward', exact: true }).click()
  net.linkFigures.set(8081, { ...NO_CONNECTIONS, refused: 1, lastRefusal: 'NET_LINK_NOT_OPENED' })
  await expect(page.locator('[data-forward="8081"]')).toContainText('Ask its user to open it for your peer ID.')
  await page.getByRole('button', { name: 'Close: 8081' }).click()
  await expect(page.getByText('No local port leads to a peer.')).toBeVisible()

  await page.getByRole('button', { name: 'Open door…' }).click()
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(dialog.getByTestId('secret')).toContainText('a-secret-of-the-door')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(page.getByText('a-secret-of-the-door')).toHaveCount(0)
  await expect(page.getByTestId('socks')).toContainText('socks5h://127.0.0.1:1080')
  await page.getByLabel('Host name of a peer').fill('ada')
  await expect(page.getByText('names no peer')).toBeVisible()
  await page.getByLabel('Host name of a peer').fill(PEERS[0])
  await expect(page.getByTestId('host')).toContainText(linkHost(PEERS[0]))
  await page.getByRole('button', { name: 'Close: SOCKS door' }).click()
  await expect(page.getByText('The door is closed.')).toBeVisible()
})

test('programs: a token shown once, permissions, who is connected, disconnected and revoked', async ({ page, net, url }) => {
  await page.goto(url)
  await go(page, 'Settings')
  await page.getByRole('button', { name: 'Add program…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Weather Station')
  await dialog.getByLabel('Metrics').check()
  await dialog.getByLabel('Files', { exact: true }).check()
  await expect(dialog.getByTestId('warning')).toContainText('Everybody in the network who knows the root can fetch what it shares.')
  await dialog.getByLabel('Files', { exact: true }).uncheck()
  await dialog.getByLabel('Only certain names').fill('topics:news/*')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('lower-case letters')
  await dialog.getByLabel('Name', { exact: true }).fill('weather')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  const token = (await dialog.getByTestId('token').innerText()).trim()
  expect(net.programs.byToken(token)).toMatchObject({ name: 'weather', scopes: ['metrics', 'topics:news/*'] })
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(page.getByText(token)).toHaveCount(0)
  net.connect('weather', 'weatherd 2.1')
  const row = page.locator('[data-program="weather"]')
  await expect(row).toContainText('weatherd 2.1')
  await page.getByRole('button', { name: 'Disconnect: weather' }).click()
  await expect(row).not.toContainText('weatherd 2.1')
  await page.getByRole('button', { name: 'Edit…: weather' }).click()
  await dialog.getByLabel('Metrics').uncheck()
  await dialog.getByRole('switch', { name: 'Own socket' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(row).toContainText('weather.sock')
  await expect(row).not.toContainText('metrics')
  await page.getByRole('button', { name: 'Revoke…: weather' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByText('No program has access.')).toBeVisible()
})

/** A fixed topology of four, a relay, and QUIC that is not to be had. */
function fixed({ network }: FakeRunningNode): void {
  const now = Date.now()
  const at = (end: number): string[] => [`/ip4/192.0.2.${end}/tcp/30333`]
  network.topologyIs = {
    path: '/home/ada/team/peers.json',
    problem: undefined,
    members: [
      { id: PEERS[0], name: 'Ada', addresses: at(1), connected: true },
      { id: PEERS[1], name: 'Bob', addresses: at(2), connected: false, failure: { code: 'NETWORK_DIAL_OTHER_PEER', at: now, nextAt: now + 600_000, found: network.localPeerId } },
      { id: PEERS[2], addresses: at(3), connected: false, failure: { code: 'NETWORK_DIAL_REFUSED', at: now, nextAt: now + 600_000 } },
    ],
  }
  network.quicIs = { state: 'unavailable', why: 'private-network', reason: 'in a network with a key of its own there is no QUIC' }
  network.relayIs = { reservations: [{ peer: PEERS[0], trusted: true, until: now + 3_000_000 }], maxReservations: 32, budget: { connectionMs: 120_000, connectionBytes: 131_072 }, trustedBudget: { connectionMs: 7_200_000, connectionBytes: 67_108_864 }, relayedBytes: 4_200_000 }
}

test('a fixed topology shows who answers in the place of a member; the Overview what is given as a relay, and why there is no QUIC', async ({ page, node, url }) => {
  fixed(node)
  await page.goto(url)
  const card = page.getByTestId('connectivity')
  await expect(card.locator('[data-fact="quic"]')).toContainText('not available here')
  await expect(page.getByTestId('note')).toHaveText([/^QUIC is not available here: it cannot encrypt with the key/, 'Relay: 1 of 32 places taken, 4.2 MB passed on.', /one to a reserved peer 2 h and 67 MB\.$/])
  await page.getByText('Listening on 1 address').click()
  await expect(page.getByRole('button', { name: /^Copy address \/ip4/i })).toContainText('/ip4/192.0.2.2/tcp/30333')
  await go(page, 'Peers')
  const bob = page.locator(`[data-member="${PEERS[1]}"]`)
  await expect(bob).toContainText(`Refused: ${node.network.localPeerId} answers at its address.`)
  await expect(bob).toContainText('Bob')
  await expect(page.getByRole('list', { name: 'Members of this network' }).getByRole('listitem').first()).toContainText('Bob')
  node.network.topologyIs = undefined
  await expect(page.getByRole('list', { name: 'Members of this network' })).toHaveCount(0)
})

test('a network that is not open says how it is opened', async ({ page, node, url }) => {
  node.net = undefined
  await page.goto(url)
  await go(page, 'Topics')
  await page.getByRole('tab', { name: 'Files' }).click()
  await expect(page.getByText('once the network is open to programs')).toBeVisible()
  await page.getByRole('button', { name: 'Open settings' }).click()
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
})

/** Cards, tables and forms that hold something wider than they are. */
function sideways(page: Page): Promise<string[]> {
  return page.locator('main, section, [role=table], [role=dialog] form').evaluateAll((parts) => parts.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1).map((part) => part.getAttribute('aria-label') ?? part.tagName))
}

for (const [language, words, colorScheme] of [['en', en, 'light'], ['en', en, 'dark'], ['de', de, 'light'], ['es', es, 'dark']] as const satisfies readonly (readonly [string, Messages, 'light' | 'dark'])[]) {
  test.describe(() => {
    test.use({ locale: language, colorScheme, reducedMotion: 'reduce' } as object)
    test(`screenshots and accessibility, ${language}, ${colorScheme}`, async ({ page, node, net, url }) => {
      await furnish(node, net)
      // `wide`: a table that scrolls sideways where it has no room, as it is meant to.
      const look = async (name: string, wide?: string): Promise<void> => {
        for (const [size, width, height] of [['large', 1280, 860], ['small', 880, 600]] as const) {
          await page.setViewportSize({ width, height })
          await expect.poll(async () => (await sideways(page)).filter((part) => part !== wide), `${name} at ${width} pixels`).toEqual([])
          await page.screenshot({ path: shots(`open-net-${name}-${size}-${language}-${colorScheme}`), fullPage: true })
        }
        expect(await violations(page), name).toEqual([])
        await page.setViewportSize({ width: 1280, height: 860 })
      }
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width: 1280, height: 860 })
      await page.goto(url)
      await go(page, words.frame.titles.topics)
      await page.getByRole('row', { name: 'news' }).click()
      await expect(page.getByRole('table', { name: words.net.way.way })).toBeVisible()
      await look('topic')
      await page.getByRole('button', { name: words.net.compose }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(words.net.to, { exact: true }).selectOption('only')
      await dialog.getByTitle(PEERS[0]).click()
      net.delivery = { id: `0x${'01'.repeat(32)}`, way: 'direct', sent: [PEERS[0]], taken: [], undelivered: [{ peer: PEERS[0], reason: 'silent' }] }
      await dialog.getByRole('button', { name: words.net.send, exact: true }).click()
      await expect(dialog.getByTestId('delivery')).toContainText(words.net.undelivered.silent)
      await look('composer')
      await page.keyboard.press('Escape')
      await page.getByRole('tab', { name: words.net.tabs.channels }).click()
      await expect(page.getByRole('table', { name: words.net.lines })).toBeVisible()
      await look('channels')
      await page.getByRole('tab', { name: words.net.tabs.files }).click()
      await expect(page.getByRole('table', { name: words.net.shared })).toBeVisible()
      await look('files')
      await page.getByRole('button', { name: words.net.fetch }).click()
      await look('fetch')
      await page.keyboard.press('Escape')
      await page.getByRole('tab', { name: words.net.tabs.link }).click()
      await expect(page.getByTestId('socks')).toBeVisible()
      await page.getByLabel(words.link.hostOf).fill(PEERS[0])
      await expect(page.getByTestId('host')).toBeVisible()
      await look('link')
      await page.getByRole('button', { name: words.link.open, exact: true }).click()
      await look('link-open')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: words.link.forwardIt }).click()
      await look('link-forward')
      await page.keyboard.press('Escape')
      fixed(node)
      await go(page, words.frame.titles.peers)
      await expect(page.getByRole('list', { name: words.peers.members })).toBeVisible()
      await look('members', words.peers.table)
      await go(page, words.frame.titles.overview)
      await expect(page.locator('[data-fact="quic"]')).toBeVisible()
      await look('reach')
      await go(page, words.frame.titles.settings)
      await expect(page.locator('[data-program="weather"]')).toBeVisible()
      await look('programs')
      await page.getByRole('button', { name: words.net.addProgram }).click()
      await page.getByRole('dialog').getByLabel(words.net.scopes.resources, { exact: true }).check()
      await look('program')
    })
  })
}

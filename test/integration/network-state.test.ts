/** What two connected nodes say of each other: to Prometheus, and to whoever asks over JSON-RPC. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { DevNode } from '../helpers/dev-node.ts'
import { eventually } from '../helpers/network.ts'
import { parseMetrics, valueOf, type Series } from '../helpers/prometheus.ts'
import { readQuery, type Selector } from '../helpers/promql.ts'

let author: DevNode
let follower: DevNode

async function scrape({ node }: DevNode): Promise<{ readonly text: string; readonly series: readonly Series[] }> {
  const text = await (await fetch(node.metricsAddress as string)).text()
  return { text, series: parseMetrics(text) }
}

async function call({ node }: DevNode, method: string, ...params: unknown[]): Promise<unknown> {
  const response = await fetch((node.rpcAddress as string).replace('ws:', 'http:'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { result, error } = (await response.json()) as { result?: unknown; error?: unknown }
  return result === undefined ? error : result
}

beforeAll(async () => {
  author = await DevNode.start()
  await author.leaps(12, 20)
  const address = author.address
  follower = await DevNode.start({ validator: false, clock: author.clock, bootnodes: [address] })
  await author.reach('catching up', () => {
    const best = author.node.blocks.best()
    return best.number >= 12 && follower.node.blocks.best().hash === best.hash && follower.node.network.peers()[0]?.status?.best.hash === best.hash
  })
  await eventually(() => follower.node.network.peers()[0]?.status?.best.hash === author.node.blocks.best().hash && follower.node.blocks.best().hash === author.node.blocks.best().hash, 'the last block')
})

afterAll(async () => {
  await follower.stop()
  await author.stop()
})

describe('metrics', () => {
  it('tell heights, peers and bytes, well-formed and without a peer id', async () => {
    const { series, text } = await scrape(follower)
    const value = (name: string, labels = {}) => valueOf(series, name, { chain: 'nodestead_dev', ...labels })
    expect(value('substrate_block_height', { status: 'best' })).toBe(follower.node.blocks.best().number)
    expect(value('substrate_block_height', { status: 'sync_target' })).toBeGreaterThanOrEqual(12)
    expect(value('substrate_sub_libp2p_peers_count')).toBe(1)
    expect(value('nodestead_network_slots', { slot: 'outbound' })).toBe(1)
    expect(value('substrate_sub_libp2p_network_bytes_total', { direction: 'in' })).toBeGreaterThan(1000)
    expect(value('substrate_sub_libp2p_network_bytes_total', { direction: 'out' })).toBeGreaterThan(1000)
    expect(value('nodestead_network_protocol_bytes_total', { protocol: '/sync/2', direction: 'in' })).toBeGreaterThan(1000)
    expect(value('nodestead_network_topic_subscribers', { topic: 'block-announces' })).toBe(1)
    expect(value('nodestead_blocks_imported_total')).toBe(follower.node.blocks.best().number)
    expect(value('substrate_node_roles')).toBe(1)
    expect(value('substrate_build_info', { name: 'Nodestead' })).toBe(1)
    expect(text).not.toMatch(/NaN|12D3Koo|0x[0-9a-f]{8}|127\.0\.0\.1/)
    expect(valueOf((await scrape(author)).series, 'substrate_node_roles')).toBe(4)
  })

  it('of both sides agree: what one sent the other received', async () => {
    const bytes = async (node: DevNode, direction: string) => valueOf((await scrape(node)).series, 'substrate_sub_libp2p_network_bytes_total', { direction })
    // Time stands still: no more is sent once what is on its way has arrived.
    let agreed = [0, 1]
    for (let tries = 0; tries < 100 && agreed[0] !== agreed[1]; tries++) {
      agreed = [await bytes(author, 'out'), await bytes(follower, 'in')]
    }
    expect(agreed[0]).toBe(agreed[1])
    const [peer] = follower.node.network.peerDetails()
    expect(peer?.bytesIn).toBe(follower.node.network.bandwidth().bytesIn)
  })

  it('are few', async () => {
    const { series } = await scrape(follower)
    expect(series.length).toBeLessThan(250)
  })
})

describe('system_*', () => {
  it('tells the peers with their best blocks, and the state of the sync', async () => {
    const best = author.node.blocks.best()
    expect(await call(follower, 'system_peers')).toEqual([
      { peerId: author.node.network.localPeerId, roles: 'AUTHORITY', bestHash: best.hash, bestNumber: best.number },
    ])
    expect(await call(author, 'system_peers')).toMatchObject([{ peerId: follower.node.network.localPeerId, roles: 'FULL' }])
    expect(await call(follower, 'system_health')).toEqual({ peers: 1, isSyncing: false, shouldHavePeers: false })
    expect(await call(follower, 'system_syncState')).toMatchObject({ currentBlock: follower.node.blocks.best().number, highestBlock: best.number })
    expect(await call(author, 'system_localListenAddresses')).toEqual(author.node.network.listenAddresses())
  })

  it('keeps a slot for a reserved peer and gives it back', async () => {
    const address = author.node.network.listenAddresses().find((text) => text.includes('127.0.0.1')) as string
    expect(await call(follower, 'system_addReservedPeer', address)).toBeNull()
    expect(await call(follower, 'system_reservedPeers')).toEqual([author.node.network.localPeerId])
    expect(await call(follower, 'system_removeReservedPeer', author.node.network.localPeerId)).toBeNull()
    expect(await call(follower, 'system_reservedPeers')).toEqual([])
    expect(await call(follower, 'system_addReservedPeer', 'x')).toMatchObject({ code: 2002 })
    expect(await call(follower, 'system_removeReservedPeer', 'x')).toEqual({ code: 2002, message: '"x" is not a peer id.' })
  })
})

const SHARE = new URL('../../build/headless/share/', import.meta.url)

/** What Prometheus adds to every series when it reads them. */
const OF_PROMETHEUS = ['instance', 'job', 'le']

interface Board {
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[]
  readonly templating: { readonly list: readonly { readonly type: string; readonly definition?: string }[] }
}

const boardQueries = async (): Promise<readonly string[]> => {
  const { panels, templating } = JSON.parse(await readFile(new URL('grafana/nodestead.json', SHARE), 'utf8')) as Board
  const variables = templating.list.flatMap(({ definition }) => (definition === undefined ? [] : [/^label_values\((.*), \w+\)$/.exec(definition)?.[1] ?? definition]))
  return [...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)), ...variables]
}

const alertQueries = async (): Promise<readonly string[]> => {
  const text = await readFile(new URL('prometheus/nodestead.rules.yml', SHARE), 'utf8')
  return [...text.matchAll(/^ +expr: (.+)$/gm)].map(([, expr]) => expr as string)
}

/** Why none of the node's series answers; undefined where one does. */
function unanswered({ metric, matchers }: Selector, series: readonly Series[]): string | undefined {
  if (metric === 'up') return undefined
  const named = series.filter(({ name }) => name === metric)
  if (named.length === 0) return `no series is called ${metric}`
  const own = matchers.filter(({ label, value }) => !OF_PROMETHEUS.includes(label) && !value.includes('$'))
  const fits = named.some(({ labels }) => own.every(({ label, operator, value }) => label in labels && (operator === '=' ? labels[label] === value : operator !== '!=' || labels[label] !== value)))
  return fits ? undefined : `no series of ${metric} has ${JSON.stringify(own)}`
}

describe('the files for Grafana and Prometheus', () => {
  it.each([
    ['the dashboard', boardQueries, 30],
    ['the alert rules', alertQueries, 10],
  ] as const)('%s asks for nothing that a node does not answer', async (_name, queriesOf, atLeast) => {
    // A call makes the family's series.
    await call(author, 'system_name')
    await call(author, 'no_suchMethod')
    const { series } = await scrape(author)
    const queries = await queriesOf()
    expect(queries.length).toBeGreaterThanOrEqual(atLeast)
    const faults = queries.flatMap((query) => {
      const { selectors, labels } = readQuery(query)
      const known = new Set([...OF_PROMETHEUS, ...series.filter(({ name }) => selectors.some(({ metric }) => metric === name)).flatMap((one) => Object.keys(one.labels))])
      return [
        ...(selectors.length === 0 ? ['it asks for nothing'] : []),
        ...selectors.flatMap((selector) => unanswered(selector, series) ?? []),
        ...labels.filter((label) => !known.has(label)).map((label) => `nothing has the label ${label}`),
      ].map((fault) => `${query}: ${fault}`)
    })
    expect(faults).toEqual([])
  })

  it('the alert rules pass promtool, where it is installed', async ({ skip }) => {
    const promtool = promisify(execFile)
    const found = await promtool('promtool', ['--version']).catch(() => undefined)
    if (found === undefined) skip('promtool is not installed')
    await promtool('promtool', ['check', 'rules', new URL('prometheus/nodestead.rules.yml', SHARE).pathname])
  })
})

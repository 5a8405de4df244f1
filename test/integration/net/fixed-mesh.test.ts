/**
 * A fixed mesh of eight computers, each a process in a network namespace: one has its cable pulled, is killed, comes back, and has its
 * place taken by an impostor. Skipped where namespaces cannot be made.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadIdentity } from '../../../node-core/network/host/identity.ts'
import { MeshLab, whyNoMesh } from '../../helpers/mesh-lab.ts'
import { comes, type LabProcess } from '../../helpers/router-lab.ts'

const SIZE = 8
const LAST = SIZE - 1
const why = whyNoMesh()

describe.skipIf(why !== undefined)(`a fixed mesh of ${SIZE} computers${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let lab: MeshLab
  let ids: string[]
  let nodes: LabProcess[]
  let file: string

  const dataOf = (computer: number): string => join(lab.folder, `node${computer}`)
  const start = (computer: number, dataPath = dataOf(computer)): LabProcess => lab.startNet(computer, { dataPath, port: 0, listenAddrs: [`/ip4/${lab.address(computer)}/tcp/30333`], topologyFile: file })
  const peersOf = (node: LabProcess | undefined): readonly string[] => (node?.lines.findLast(({ peers }) => peers !== undefined)?.['peers'] ?? []) as string[]
  const others = (but: readonly number[]): string[] => ids.filter((_, i) => !but.includes(i)).sort()
  const got = (node: LabProcess | undefined, bytes: number): boolean => node?.lines.some((line) => line['got'] === bytes) === true

  /** What became of a message that the first node sends. */
  async function publish(bytes: number, only?: readonly string[]): Promise<{ readonly way: string; readonly taken: string[]; readonly undelivered: { peer: string; reason: string }[] }> {
    const node = nodes[0] as LabProcess
    node.child.stdin?.write(`${JSON.stringify({ publish: { bytes, ...(only === undefined ? {} : { only }) } })}\n`)
    return comes(() => node.lines.find((line) => line['published'] === bytes), `the report of ${bytes} bytes`, [node]) as never
  }

  beforeAll(async () => {
    lab = new MeshLab(SIZE)
    file = join(lab.folder, 'peers.json')
    ids = await Promise.all(Array.from({ length: SIZE }, async (_, i) => (await loadIdentity(dataOf(i), undefined)).peerId))
    writeFileSync(file, JSON.stringify({ peers: ids.map((id, i) => ({ id, name: `computer ${i}`, addresses: [`/ip4/${lab.address(i)}/tcp/30333`] })), longestRetrySeconds: 2 }))
    nodes = ids.map((_, i) => start(i))
    for (const [i, node] of nodes.entries()) await comes(() => peersOf(node).length === SIZE - 1, `the mesh of computer ${i}`, [node])
  })
  afterAll(() => lab.remove())

  it('is whole, and carries small messages directly and large ones in chunks', async () => {
    for (const [i, node] of nodes.entries()) expect(peersOf(node)).toEqual(others([i]))
    expect(await publish(100)).toMatchObject({ way: 'direct' })
    expect(await publish(500_000)).toMatchObject({ way: 'chunks' })
    for (const node of nodes.slice(1)) await comes(() => got(node, 100) && got(node, 500_000), 'both messages', [node])
    expect(await publish(101, others([0]))).toMatchObject({ taken: expect.arrayContaining(others([0])) as unknown, undelivered: [] })
  })

  it('goes on without one whose cable is pulled, says so, and has it again when the cable is back', async () => {
    lab.cable(3, false)
    const { taken, undelivered } = await publish(102, others([0]))
    expect(taken.sort()).toEqual(others([0, 3]))
    expect(undelivered).toMatchObject([{ peer: ids[3] }])
    expect(['silent', 'lost', 'not-connected']).toContain(undelivered[0]?.reason)
    await publish(300_000)
    for (const [i, node] of nodes.entries()) if (i !== 0 && i !== 3) await comes(() => got(node, 300_000), `the large message at ${i}`, [node])
    lab.cable(3, true)
    await comes(() => peersOf(nodes[0]).includes(ids[3] as string) && peersOf(nodes[3]).length === SIZE - 1, 'the cut one', [nodes[3] as LabProcess, nodes[0] as LabProcess])
    expect(await publish(103, [ids[3] as string])).toMatchObject({ taken: [ids[3]] })
  })

  it('goes on without one that is killed, and has it again when it comes back', async () => {
    await lab.stop((nodes[5] as LabProcess).child, 'SIGKILL')
    await comes(() => !peersOf(nodes[0]).includes(ids[5] as string), 'the loss of it', [nodes[0] as LabProcess])
    expect(await publish(104, others([0]))).toMatchObject({ undelivered: [{ peer: ids[5], reason: 'not-connected' }] })
    nodes[5] = start(5)
    for (const [i, node] of nodes.entries()) await comes(() => peersOf(node).length === SIZE - 1, `the mesh of computer ${i}`, [node])
    expect(await publish(105, [ids[5] as string])).toMatchObject({ taken: [ids[5]] })
  })

  it('refuses an impostor at the address of a member, and shows who it is', async () => {
    await lab.stop((nodes[LAST] as LabProcess).child)
    const impostor = start(LAST, join(lab.folder, 'impostor'))
    const { id } = (await comes(() => impostor.lines.find((line) => line['id'] !== undefined), 'the impostor', [impostor])) as { readonly id: string }
    const refused = (node: LabProcess): unknown => (node.lines.findLast(({ peers }) => peers !== undefined)?.['refused'] as { id: string; code: string; found?: string }[] | undefined)?.find((one) => one.id === ids[LAST])
    const first = nodes[0] as LabProcess
    expect(await comes(() => (JSON.stringify(refused(first) ?? '').includes('OTHER_PEER') ? refused(first) : undefined), 'the refusal', [first])).toEqual({ id: ids[LAST], code: 'NETWORK_DIAL_OTHER_PEER', found: id })
    await publish(106)
    await comes(() => got(nodes[1], 106), 'the message', [nodes[1] as LabProcess])
    expect([peersOf(impostor), impostor.lines.some((line) => line['got'] !== undefined)]).toEqual([[], false])
  })
})

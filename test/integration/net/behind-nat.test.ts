/**
 * Two nodes, each behind a router that translates addresses and lets nobody in, and a relay on the internet between them, each a process in a network namespace. A
 * channel begins over the relay, and moves to the direct connection that hole punching makes; where a router gives every connection another port, it cannot, and the
 * channel stays where it is. Skipped where namespaces cannot be made.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { NatLab, WAN, whyNoNat } from '../../helpers/nat-lab.ts'
import { comes, type LabProcess } from '../../helpers/router-lab.ts'

const why = whyNoNat()
let number = 0
let lab: NatLab

type Line = Readonly<Record<string, unknown>>
const idOf = (node: LabProcess): Promise<string> => comes(() => node.lines.find(({ id }) => id !== undefined)?.['id'] as string | undefined, 'the identity', [node])
const tell = (node: LabProcess, order: object): void => void node.child.stdin?.write(`${JSON.stringify(order)}\n`)
const told = (node: LabProcess, what: Line): Line | undefined => node.lines.find((line) => Object.entries(what).every(([name, value]) => line[name] === value))

interface Homes {
  readonly caller: LabProcess
  readonly called: LabProcess
  readonly all: LabProcess[]
  /** Of the called one, over the relay. */
  readonly address: string
}

/** A relay, who is reached over it alone, and who calls there. */
async function homes(): Promise<Homes> {
  const relay = lab.startNode('wan', 'relay', { listenAddrs: [`/ip4/${WAN}/tcp/30400`], relayServer: true })
  const relayAddress = `/ip4/${WAN}/tcp/30400/p2p/${await idOf(relay)}`
  const called = lab.startNode('home2', 'called', { listenAddrs: ['/ip4/0.0.0.0/tcp/30333', `${relayAddress}/p2p-circuit`] })
  const caller = lab.startNode('home1', 'caller', { listenAddrs: ['/ip4/0.0.0.0/tcp/30333'], reservedNodes: [relayAddress] })
  await idOf(caller)
  return { caller, called, all: [caller, called, relay], address: `${relayAddress}/p2p-circuit/p2p/${await idOf(called)}` }
}

describe.skipIf(why !== undefined)(`two nodes behind routers of their own${why === undefined ? '' : ` (skipped: ${why})`}`, { timeout: 240_000 }, () => {
  afterEach(() => lab.remove())

  it('meet over a relay, reach each other directly, and their channel moves there whole', async () => {
    lab = new NatLab(number++, ['keeps', 'keeps'])
    const { caller, called, all, address } = await homes()
    tell(caller, { dial: address })
    for (const [node, direction] of [[caller, 'outbound'], [called, 'inbound']] as const) {
      await comes(() => told(node, { direction, path: 'relayed' }), `the relayed path, ${direction}`, all)
      expect(await comes(() => told(node, { direction, path: 'direct' }), `the direct path, ${direction}`, all)).toMatchObject({ moved: 1 })
    }
    await comes(() => punched(called)?.direct === 1 && punched(caller)?.direct === 1, 'the count', all)
    expect(await sentAndCome(caller, called, all)).toMatchObject({ path: 'direct', moved: 1 })
  })

  it('stay with the relay where a router gives every connection another port', async () => {
    lab = new NatLab(number++, ['random', 'random'])
    const { caller, called, all, address } = await homes()
    tell(caller, { dial: address })
    await comes(() => (punched(called)?.failed ?? 0) >= 1, 'the end of the attempts', all)
    expect(await sentAndCome(caller, called, all)).toMatchObject({ path: 'relayed', moved: 0 })
    for (const node of [caller, called]) {
      expect(told(node, { path: 'direct' })).toBeUndefined()
      expect(punched(node)?.direct).toBe(0)
    }
  })
})

const punched = (node: LabProcess): { readonly direct: number; readonly failed: number } | undefined => node.lines.findLast(({ punching }) => punching !== undefined)?.['punching'] as never

/** Ends the channel: what was sent came, each once and in order. How the channel was at the end. */
async function sentAndCome(caller: LabProcess, called: LabProcess, all: LabProcess[]): Promise<Line> {
  tell(caller, { end: true })
  const sent = await comes(() => told(caller, { because: 'end' }), 'the end', all)
  const came = await comes(() => told(called, { because: 'closed' }), 'the last message', all)
  expect(came).toMatchObject({ wrong: 0, inOrder: sent['numbered'] })
  return sent
}

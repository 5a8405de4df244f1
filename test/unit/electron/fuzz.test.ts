/**
 * What strangers can send to the app: links and command lines that reach it through a second start, and messages on the
 * window's channel. Ten thousand of each, mutated from what is valid; `npm run fuzz` has the decoders of the network.
 */
import { describe, expect, it } from 'vitest'
import { wordsFor } from '../../../electron/i18n/words.ts'
import { IpcServer, type IpcSender } from '../../../electron/ipc.ts'
import { followLink, linkIn, parseLink, type LinkDeps } from '../../../electron/links.ts'
import { appRouter } from '../../../node-core/api/router.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { Random } from '../../fuzz/random.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { PEERS } from '../../helpers/fake-network.ts'

const ROUNDS = 10_000

const VALID_LINKS = [
  'nodestead://open/peers', 'nodestead://open/settings', 'nodestead://open/logs',
  `nodestead://peer/add?network=dev&address=/ip4/192.0.2.1/tcp/30333/p2p/${PEERS[0]}`,
  `nodestead://peer/add?network=dev&address=/dns4/node.example/tcp/30334/ws/p2p/${PEERS[1]}`,
  'nodestead://network/add?spec=/home/me/our-network.json', 'nodestead://network/add?spec=%2Fhome%2Fme%2Four%20network.json',
  'nodestead://join?network=7VZNb9s4EP0rBs9W4TiJvfUtu0DRPSwW2F4X',
]
/** What parsers, shells, paths and people's eyes trip over. */
const TROUBLEMAKERS = [
  '%00', '%0a', '%2e%2e%2f', '../', '//', '\\', '?', '&', '&&', '#', '@', ':', '=', '%', '%%', '%zz', "'", '"', '`', '$(id)', ';', '|', ' ', '\t', '\n', '\r', '\0', '\u202e', '\u200b', '\u2028', '\u2069', '\ufeff',
  'é', '𝕏', '--hidden', '--inspect', '--no-sandbox', '-r', 'nodestead://', 'http://', 'javascript:', 'file:///etc/passwd', '__proto__', 'constructor', '[object Object]', '1e999', 'null',
  '&network=dev', '&address=x', '&spec=/etc/passwd', '?spec=/a.json', '/p2p/', '.json', 'NODESTEAD://', 'a'.repeat(3000),
]

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)] as T
}

function mutated(random: Random, text: string): string {
  let result = text
  for (let step = random.below(4); step >= 0; step--) {
    const at = random.below(result.length + 1)
    const length = random.below(6)
    switch (random.below(6)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length)
        break
      case 1:
        result = result.slice(0, at) + pick(random, TROUBLEMAKERS) + result.slice(at)
        break
      case 2:
        result = result.slice(0, at) + String.fromCharCode(random.below(random.below(4) === 0 ? 0xffff : 127)) + result.slice(at + 1)
        break
      case 3:
        result += result.slice(at)
        break
      case 4:
        result = [...result].map((char, index) => (index === at ? encodeURIComponent(char.isWellFormed() ? char : 'x') : char)).join('')
        break
      default:
        result = result.slice(0, at) + pick(random, VALID_LINKS).slice(random.below(20)) + result.slice(at)
    }
  }
  return result
}

function commandLine(random: Random): string[] {
  const flags = ['--hidden', '--user-data-dir=/tmp/x', '--', '--no-sandbox', '--remote-debugging-port=1', '/etc/passwd', 'network.chainspec', '']
  return ['/usr/bin/nodestead', ...Array.from({ length: random.below(6) }, () => (random.below(3) === 0 ? pick(random, flags) : mutated(random, pick(random, VALID_LINKS))))]
}

/** Everything that a link could bring about, written down instead. */
function setUp(agrees: boolean) {
  const done: string[] = []
  const said: string[] = []
  const deps: LinkDeps = {
    manager: {
      networks: () => [{ id: 'dev', name: 'Development' }],
      node: (id: string) => (id === 'dev' ? { peerActions: { addReserved: (address: string) => done.push(`reserve ${address}`) } } : undefined),
    } as unknown as LinkDeps['manager'],
    offer: (source) => done.push(`offer ${source}`),
    words: () => wordsFor('en', 'en'),
    ask: (message, detail, button) => {
      said.push(`${message}\n${detail}\n${button}`)
      return Promise.resolve(agrees)
    },
    refuse: (message, detail) => {
      said.push(`${message}\n${detail}`)
      return Promise.resolve()
    },
    show: (screen) => done.push(`show ${screen}`),
  }
  return { deps, done, said }
}

function expected(link: string): string[] {
  const request = parseLink(link)
  switch (request?.kind) {
    case 'open':
      return [`show ${request.screen}`]
    case 'add-peer':
      return request.network === 'dev' ? [`reserve ${request.address}`, 'show peers'] : []
    case 'add-network':
      return [`offer ${request.specPath}`]
    case 'join':
      return [`offer ${request.invitation}`]
    case undefined:
      return []
  }
}

describe('links and command lines', () => {
  it('change nothing that nobody agreed to, whatever they hold', async () => {
    const random = new Random(20261125)
    const { deps, done, said } = setUp(false)
    let links = 0
    for (let round = 0; round < ROUNDS; round++) {
      const link = linkIn(commandLine(random)) ?? mutated(random, pick(random, VALID_LINKS))
      const before = said.length
      await followLink(link, deps)
      const request = parseLink(link)
      // A network is shown in the window, which asks itself.
      const offered = request?.kind === 'add-network' || request?.kind === 'join'
      expect(said.length - before, JSON.stringify(link)).toBe(offered ? 0 : 1)
      if (request !== undefined) links++
    }
    expect(done.filter((what) => !what.startsWith('offer '))).toEqual([])
    // Otherwise it was not the parser's depth that was tried.
    expect(links).toBeGreaterThan(ROUNDS / 50)
    for (const text of said) expect(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u.exec(text)?.[0], JSON.stringify(text)).toBeUndefined()
  })

  it('do exactly what was agreed to', async () => {
    const random = new Random(7)
    const { deps, done } = setUp(true)
    for (let round = 0; round < ROUNDS; round++) {
      const link = mutated(random, pick(random, VALID_LINKS))
      done.length = 0
      await followLink(link, deps)
      expect(done, JSON.stringify(link)).toEqual(expected(link))
    }
  })
})

const VALUES: readonly unknown[] = [
  undefined, null, true, 0, -1, 1.5, 2 ** 53, Number.MAX_VALUE, '', 'dev', 'mars', '../../etc', '__proto__', 'x'.repeat(5000), [], [[[[]]]], {}, { network: 'dev' }, { network: 'mars' }, { network: {} }, { __proto__: { network: 'dev' } },
  { network: 'dev', extra: 1 }, { tail: 10 }, { tail: -1 }, { network: 'dev', count: 5 }, { network: 'dev', hash: `0x${'0'.repeat(64)}` }, { network: 'dev', passphrase: 'p' }, { constructor: 1 },
  // More than once: few procedures take it and nothing else.
  { network: 'mars' }, { network: 'mars' }, { network: 'mars' },
]

interface Procedure {
  readonly path: string
  readonly kind: string
}

function message(random: Random, procedures: readonly Procedure[]): unknown {
  const procedure = pick(random, procedures)
  const path = random.below(5) === 0 ? mutated(random, procedure.path) : procedure.path
  const whole: Record<string, unknown> = {
    kind: random.below(2) === 0 ? procedure.kind : pick(random, ['query', 'mutation', 'subscribe', 'subscribe', 'unsubscribe', 'acknowledge', 'explode', '', 7]),
    id: pick(random, [1, 2, 3, 40, 0, -1, 1.5, 'one', undefined, 2 ** 40]),
    path,
    input: pick(random, VALUES),
    count: pick(random, [1, 8, 1000, -5, 'many', undefined]),
  }
  // Mostly what belongs to its kind, so that more than the envelope is tried.
  const own: Readonly<Record<string, readonly string[]>> = { query: ['path', 'input'], mutation: ['path', 'input'], subscribe: ['id', 'path', 'input'], unsubscribe: ['id'], acknowledge: ['id', 'count'] }
  const fields = own[String(whole['kind'])] ?? []
  for (const key of Object.keys(whole)) if (key !== 'kind' && fields.includes(key) === (random.below(12) === 0)) delete whole[key]
  const text = JSON.stringify(whole)
  switch (random.below(10)) {
    case 0:
      return mutated(random, text)
    case 1:
      return pick(random, [undefined, null, 7, whole, [], '', '{', '"', '[[[[', `${'['.repeat(20_000)}`, 'x'.repeat(70_000), `{"__proto__":${text}}`])
    default:
      return text
  }
}

describe('messages on the channel', () => {
  it('are each answered, with data or with an error that has a code, and leave nothing behind', async () => {
    const random = new Random(4711)
    const clock = new FakeClock()
    const manager = new FakeManager({ clock })
    const server = new IpcServer({ context: { manager, app: { name: 'Nodestead', version: '0', host: 'desktop', platform: 'linux' }, clock }, logger: silentLogger })
    const definitions = (appRouter as unknown as { _def: { procedures: Record<string, { _def: { type: string } }> } })._def.procedures
    const procedures = Object.entries(definitions).map(([path, { _def }]) => ({ path, kind: _def.type === 'subscription' ? 'subscribe' : _def.type }))
    expect(procedures.length).toBeGreaterThan(40)
    const codes = new Map<string, number>()
    for (let round = 0; round < ROUNDS; round++) {
      const sender: IpcSender = { id: 1 + (round % 3), trusted: true, url: 'app://nodestead/', send: () => undefined }
      const sent = message(random, procedures)
      const answering = server.handle(sender, sent)
      // Whatever waits for time gets it.
      clock.advance(20_000)
      const reply = await answering
      const code = 'error' in reply ? ((reply.error.data['problem'] as { code?: string } | undefined)?.code ?? '') : 'data'
      expect(code, JSON.stringify(sent)?.slice(0, 300)).toMatch(/^(data|[A-Z][A-Z_]+)$/)
      expect(JSON.stringify(reply) ?? '', 'a stack').not.toMatch(/\n\s+at /)
      codes.set(code, (codes.get(code) ?? 0) + 1)
      expect(server.subscriptionCount).toBeLessThanOrEqual(3 * 32)
    }
    // All of the ways in were tried: rightly formed, wrongly formed, and what no schema lets through.
    for (const code of ['data', 'IPC_BAD_MESSAGE', 'IPC_TOO_LARGE', 'API_BAD_INPUT', 'API_NO_SUCH_PROCEDURE', 'API_UNKNOWN_NETWORK']) expect([code, codes.get(code) ?? 0]).not.toEqual([code, 0])
    for (const id of [1, 2, 3]) server.endWindow(id)
    for (let turn = 0; turn < 50; turn++) {
      clock.advance(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(server.subscriptionCount).toBe(0)
    await manager.stopAll()
  }, 60_000)
})

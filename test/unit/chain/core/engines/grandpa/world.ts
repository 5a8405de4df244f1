/** A simulated network of GRANDPA voters: block trees, a clock turned by hand, messages that are late, lost or contradictory. */
import { concatBytes, fromHex, toHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { AuthoritySets } from '../../../../../../node-core/chain/core/engines/grandpa/sets/authority-sets.ts'
import { writeAuthorities, type GrandpaAuthority } from '../../../../../../node-core/chain/core/engines/grandpa/digest.ts'
import { verifyJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import {
  decodeGrandpaMessage, encodeGrandpaMessage, signingPayload, type GrandpaMessage, type RoundRef,
} from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import type { VerifySignature } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/signatures.ts'
import { Voter, type GrandpaEquivocation, type VoterAction } from '../../../../../../node-core/chain/core/engines/grandpa/rounds/voter.ts'
import { blake2Hash, blake2b256 } from '../../../../../../node-core/crypto/hashes/hashing.ts'
import type { Keystore } from '../../../../../../node-core/crypto/keys/keystore.ts'
import { encodeHeader, type DigestItem, type Header } from '../../../../../../node-core/chain/scale/header.ts'
import { decodeJustification, type GrandpaJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { ScaleWriter } from '../../../../../../node-core/scale/writer.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import type { AuxEntry, AuxStore } from '../../../../../../node-core/chain/state/types.ts'
import { FREE_GUARD } from '../../../../../helpers/free-guard.ts'
import { MapKeyMemory } from '../../../../../helpers/key-memory.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`
export const GENESIS: Header = { parentHash: ZERO, number: 0, stateRoot: ZERO, extrinsicsRoot: ZERO, digest: [] }
export const hashOf = (header: Header): Hash => blake2Hash(encodeHeader(header))
export const keyOf = (n: number): Hash => `0x${n.toString(16).padStart(64, 'a')}`

export function change(authorities: readonly GrandpaAuthority[], delay: number): DigestItem {
  const writer = new ScaleWriter().u8(1)
  return { type: 'consensus', engine: 'FRNK', data: writeAuthorities(writer, authorities).u32(delay).finish() }
}

export function forcedChange(authorities: readonly GrandpaAuthority[], delay: number, medianFinalized = 0): DigestItem {
  const writer = new ScaleWriter().u8(2).u32(medianFinalized)
  return { type: 'consensus', engine: 'FRNK', data: writeAuthorities(writer, authorities).u32(delay).finish() }
}

/** A header on top of `parent`; `salt` tells siblings apart. */
export function child(parent: Header, salt = 0, digest: readonly DigestItem[] = []): Header {
  return {
    parentHash: hashOf(parent),
    number: parent.number + 1,
    stateRoot: `0x${salt.toString(16).padStart(64, '0')}`,
    extrinsicsRoot: ZERO,
    digest,
  }
}

export class Blocks {
  readonly headers = new Map<Hash, Header>([[hashOf(GENESIS), GENESIS]])
  #finalized: BlockRef = { hash: hashOf(GENESIS), number: 0 }
  #best: BlockRef = this.#finalized

  import(header: Header): boolean {
    const hash = hashOf(header)
    if (this.headers.has(hash) || !this.headers.has(header.parentHash)) return false
    this.headers.set(hash, header)
    if (header.number > this.#best.number && this.isAncestor(this.#finalized.hash, hash)) this.#best = { hash, number: header.number }
    return true
  }

  finalize(block: BlockRef): void {
    this.#finalized = block
    if (this.isAncestor(block.hash, this.#best.hash)) return
    this.#best = this.leaves().reduce(
      (best, leaf) => (leaf.number > best.number && this.isAncestor(block.hash, leaf.hash) ? leaf : best), block,
    )
  }

  finalized = (): BlockRef => this.#finalized
  best = (): BlockRef => this.#best
  header = (hash: Hash): Header | undefined => this.headers.get(hash)
  hasBlock = (hash: Hash): boolean => this.headers.has(hash)

  leaves = (): BlockRef[] => {
    const parents = new Set([...this.headers.values()].map((header) => header.parentHash))
    return [...this.headers].filter(([hash]) => !parents.has(hash)).map(([hash, { number }]) => ({ hash, number }))
  }

  isAncestor = (ancestor: Hash, descendant: Hash): boolean => {
    const floor = this.headers.get(ancestor)?.number
    if (floor === undefined) throw new Error('unknown block')
    for (let hash = descendant; ; ) {
      if (hash === ancestor) return true
      const header = this.headers.get(hash)
      if (header === undefined || header.number <= floor) return false
      hash = header.parentHash
    }
  }
}

export class Aux implements AuxStore {
  readonly map = new Map<string, Uint8Array>()
  getAux = (key: string): Uint8Array | undefined => this.map.get(key)
  write(entries: readonly AuxEntry[]): void {
    for (const [key, value] of entries) {
      if (value === undefined) this.map.delete(key)
      else this.map.set(key, value)
    }
  }
}

/** Stands for ed25519: unforgeable as long as nobody here forges. */
export function fakeSign(key: Uint8Array, message: Uint8Array): Uint8Array {
  return concatBytes(blake2b256(concatBytes(key, message)), new Uint8Array(32))
}
export const fakeVerify: VerifySignature = (signature, message, key) => toHex(fakeSign(key, message)) === toHex(signature)

export function fakeKeystore(keys: readonly Hash[]): Pick<Keystore, 'publicKeys' | 'sign'> {
  return { publicKeys: () => keys.map(fromHex), sign: (_type, key, message) => fakeSign(key, message) }
}

export interface NodeOptions {
  readonly genesis: readonly GrandpaAuthority[]
  readonly keystore: Pick<Keystore, 'publicKeys' | 'sign'>
  readonly verify?: VerifySignature
}

/** One node: what core does around a voter. */
export class TestNode {
  blocks = new Blocks()
  aux = new Aux()
  readonly signed = new MapKeyMemory()
  readonly justifications: GrandpaJustification[] = []
  readonly equivocations: GrandpaEquivocation[] = []
  readonly complaints: string[] = []
  readonly abstentions: RoundRef[] = []
  readonly options: NodeOptions
  sets: AuthoritySets
  voter: Voter
  /** Where messages go: to a peer, or to everybody. */
  out: (message: GrandpaMessage, peer: string | undefined) => void = () => undefined
  onFinalized: (block: BlockRef) => void = () => undefined

  constructor(options: NodeOptions) {
    this.options = options
    this.sets = new AuthoritySets({ aux: this.aux, blocks: this.blocks }, options.genesis)
    this.voter = this.#newVoter()
  }

  /** Everything in memory is lost. */
  restart(now: number): void {
    this.sets = new AuthoritySets({ aux: this.aux, blocks: this.blocks }, this.options.genesis)
    this.voter = this.#newVoter()
    this.perform(this.voter.start(now), now)
  }

  /** The database is set aside: what lies beside the keys is all that is left. */
  loseDatabase(now: number): void {
    this.blocks = new Blocks()
    this.aux = new Aux()
    this.restart(now)
  }

  import(header: Header, now: number): void {
    const aux = this.sets.blockAux(header, hashOf(header))
    if (!this.blocks.import(header)) return
    this.aux.write(aux)
    if (this.sets.noteImported(header, hashOf(header))) this.perform(this.voter.finalized(now), now)
    this.perform(this.voter.blocksChanged(now), now)
  }

  perform(actions: readonly VoterAction[], now: number): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'store':
          for (const { publicKey, value } of action.records) void this.signed.write('gran', publicKey, value)
          this.aux.write(action.aux)
          break
        case 'broadcast':
          this.out(action.message, undefined)
          break
        case 'send':
          this.out(action.message, action.peer)
          break
        case 'finalize': {
          const justification = decodeJustification(action.justification.data)
          verifyJustification(justification, this.sets.current, action.block, this.options.verify)
          const plan = this.sets.plan(action.block)
          this.aux.write(plan.aux)
          if (!this.blocks.isAncestor(this.blocks.finalized().hash, action.block.hash)) throw new Error('finalized a fork')
          this.blocks.finalize(action.block)
          plan.commit()
          this.justifications.push(justification)
          this.onFinalized(action.block)
          this.perform(this.voter.finalized(now), now)
          break
        }
        case 'equivocation':
          this.equivocations.push(action.equivocation)
          break
        case 'accepted':
          // Everybody hears everybody here: nothing needs passing on.
          break
        case 'abstains':
          this.abstentions.push(action.upTo)
          break
        case 'misbehaviour':
          this.complaints.push(action.reason)
          break
      }
    }
  }

  #newVoter(): Voter {
    const { keystore, verify } = this.options
    return new Voter({ blocks: this.blocks, sets: this.sets, keystore, signed: this.signed, guard: FREE_GUARD, aux: this.aux, ...(verify === undefined ? {} : { verify }) })
  }
}

/** mulberry32 */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface WorldOptions {
  readonly seed: number
  readonly keys: readonly number[]
  /** Who votes at genesis; all keys by default. */
  readonly voters?: readonly number[]
  readonly loss: number
  /** Longest delay of a message, ms. */
  readonly delay: number
  readonly forks: number
  /** Index of a node that votes differently towards different peers. */
  readonly equivocator?: number
  /** Index of a node that is not there. */
  readonly absent?: number
  /** Digest of the block at a number. */
  readonly digestAt?: (number: number) => readonly DigestItem[]
  readonly restarts?: number
  /** So many times a node loses its database, and gets the blocks from the others. */
  readonly losses?: number
}

export class World {
  readonly nodes: TestNode[]
  /** Number to hash of everything that any honest node finalized. */
  readonly final = new Map<number, Hash>()
  readonly conflicts: string[] = []
  /** Votes in which a key contradicts what it said before in the same round. */
  readonly doubleVotes: string[] = []
  now = 0
  readonly #said = new Map<string, Hash>()
  readonly #options: WorldOptions
  readonly #random: () => number
  #queue: { at: number; run: () => void }[] = []
  #salt = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.#random = randomOf(options.seed)
    const genesis = (options.voters ?? options.keys).map((n) => ({ key: keyOf(n), weight: 1 }))
    this.nodes = options.keys.map((n) => new TestNode({ genesis, keystore: fakeKeystore([keyOf(n)]), verify: fakeVerify }))
    this.nodes.forEach((node, index) => {
      node.out = (message, peer) => this.#transmit(index, message, peer)
      node.onFinalized = (block) => this.#record(index, block)
    })
  }

  run(ms: number, blockTime = 1000): void {
    this.nodes.forEach((node, index) => {
      if (index !== this.#options.absent) this.#at(this.#random() * 500, () => node.perform(node.voter.start(this.now), this.now))
    })
    for (let at = blockTime; at < ms * 0.8; at += blockTime) this.#at(at, () => this.#produce())
    for (let i = 0; i < (this.#options.restarts ?? 0); i++) {
      const node = this.#pick(this.nodes)
      this.#at(this.#random() * ms * 0.8, () => node.restart(this.now))
    }
    for (let i = 0; i < (this.#options.losses ?? 0); i++) {
      const node = this.#pick(this.nodes)
      this.#at(this.#random() * ms * 0.8, () => this.#lose(node))
    }
    const step = 100
    for (let end = step; end <= ms; end += step) {
      const due = this.#queue.filter((event) => event.at <= end).sort((a, b) => a.at - b.at)
      this.#queue = this.#queue.filter((event) => event.at > end)
      for (const event of due) {
        this.now = Math.max(this.now, event.at)
        event.run()
      }
      this.now = end
      this.nodes.forEach((node, index) => {
        if (index !== this.#options.absent) node.perform(node.voter.tick(this.now), this.now)
      })
    }
  }

  get honest(): TestNode[] {
    return this.nodes.filter((_, index) => index !== this.#options.equivocator && index !== this.#options.absent)
  }

  #at(at: number, run: () => void): void {
    this.#queue.push({ at, run })
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T
  }

  #produce(): void {
    const { blocks } = this.#pick(this.honest)
    const best = blocks.header(blocks.best().hash) as Header
    const fork = this.#random() < this.#options.forks && best.number > blocks.finalized().number
    const parent = fork ? (blocks.header(best.parentHash) as Header) : best
    const header = child(parent, ++this.#salt, this.#options.digestAt?.(parent.number + 1) ?? [])
    for (const node of this.nodes) {
      // Blocks come through sync in the end: late, never lost, in order.
      const deliver = (): void => {
        if (node.blocks.hasBlock(header.parentHash)) node.import(header, this.now)
        else this.#at(this.now + 200, deliver)
      }
      this.#at(this.now + this.#random() * this.#options.delay, deliver)
    }
  }

  /** It gets again all the blocks that there are. */
  #lose(node: TestNode): void {
    const headers = this.nodes.flatMap(({ blocks }) => [...blocks.headers.values()]).sort((a, b) => a.number - b.number)
    node.loseDatabase(this.now)
    for (const header of headers) node.import(header, this.now)
  }

  #listen(message: GrandpaMessage): void {
    if (message.type !== 'vote') return
    const { vote, setId, round } = message
    const name = `${vote.authority} ${setId}/${round} ${vote.kind}`
    const before = this.#said.get(name) ?? vote.target.hash
    if (before !== vote.target.hash) this.doubleVotes.push(name)
    this.#said.set(name, before)
  }

  #transmit(from: number, message: GrandpaMessage, peer: string | undefined): void {
    this.#listen(message)
    this.nodes.forEach((node, to) => {
      if (to === from || to === this.#options.absent || (peer !== undefined && peer !== String(to))) return
      for (const variant of this.#variants(from, message)) {
        if (this.#random() < this.#options.loss) continue
        const bytes = encodeGrandpaMessage(variant)
        this.#at(this.now + 10 + this.#random() * this.#options.delay, () => {
          node.perform(node.voter.receive(decodeGrandpaMessage(bytes), String(from), this.now), this.now)
        })
      }
    })
  }

  /** The equivocator says one thing to some and another to others, and both to a few. */
  #variants(from: number, message: GrandpaMessage): GrandpaMessage[] {
    if (from !== this.#options.equivocator || message.type !== 'vote' || message.vote.kind === 'propose') return [message]
    const { blocks } = this.nodes[from] as TestNode
    const known = [...blocks.headers].filter(([, header]) => header.number + 4 >= blocks.best().number)
    const [hash, header] = this.#pick(known)
    const target = { hash, number: header.number }
    const authority = message.vote.authority
    const signature = fakeSign(fromHex(authority), signingPayload(message.vote.kind, target, message))
    const other: GrandpaMessage = { ...message, vote: { kind: message.vote.kind, target, signature, authority } }
    const dice = this.#random()
    return dice < 0.4 ? [message] : dice < 0.8 ? [other] : [message, other]
  }

  #record(index: number, block: BlockRef): void {
    if (index === this.#options.equivocator) return
    const { blocks } = this.nodes[index] as TestNode
    let hash = block.hash
    for (let number = block.number; number > 0; number--) {
      const known = this.final.get(number)
      if (known === hash) return
      if (known !== undefined) this.conflicts.push(`two final blocks ${number}`)
      this.final.set(number, hash)
      hash = (blocks.header(hash) as Header).parentHash
    }
  }
}

/** Made-up peers around a plan, on a fake clock: each with a speed, a delay and a character. What they send takes its time, nothing else does. */
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import type { PeerFault } from '../../../../../node-core/network/contracts.ts'
import { FetchPlan } from '../../../../../node-core/net/resources/fetch/plan.ts'
import type { PlanOptions } from '../../../../../node-core/net/resources/fetch/types.ts'
import { covers, type LeafSet } from '../../../../../node-core/net/resources/leaf-set.ts'
import { GROUP_LAYER, GROUP_LEAVES, HASH_BYTES, HashTree, LEAF_BYTES, hashLeaf, leafCount, rootLayer } from '../../../../../node-core/net/resources/tree.ts'
import { MAX_OPEN_LEAVES, MAX_OPEN_REQUESTS, type Answer, type LeafRange, type Question } from '../../../../../node-core/net/resources/wire.ts'

/** A file in memory, and what can be proven of it. */
export class MadeUpFile {
  readonly bytes: Uint8Array
  readonly tree: HashTree
  readonly leaves: Uint8Array

  constructor(length: number, salt = 1) {
    this.bytes = new Uint8Array(length)
    let state = salt
    for (let i = 0; i < length; i += 64) this.bytes[i] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24
    const count = leafCount(length)
    this.leaves = new Uint8Array(count * HASH_BYTES)
    for (let leaf = 0; leaf < count; leaf++) this.leaves.set(hashLeaf(this.leaf(leaf)), leaf * HASH_BYTES)
    this.tree = new HashTree(this.leaves, count)
  }

  get root(): Uint8Array {
    return this.tree.root
  }

  leaf(index: number, count = 1): Uint8Array {
    return this.bytes.subarray(index * LEAF_BYTES, (index + count) * LEAF_BYTES)
  }

  proof(id: number, group: number): Answer {
    const layer = Math.min(GROUP_LAYER, rootLayer(leafCount(this.bytes.length)))
    return { kind: 'proof', id, hashes: this.leaves.slice(group * GROUP_LEAVES * HASH_BYTES, (group + 1) * GROUP_LEAVES * HASH_BYTES), uncles: this.tree.uncles(layer, layer < GROUP_LAYER ? 0 : group) }
  }
}

export interface Character {
  /** Bytes per second. */
  readonly speed?: number
  readonly delayMs?: number
  readonly ranges?: 'all' | readonly LeafRange[]
  /** What it says of the length. */
  readonly claims?: number
  /** Another file, of which it sends data or hashes under the name of this one. */
  readonly lies?: { readonly data?: MadeUpFile; readonly hashes?: MadeUpFile }
  /** After so many bytes it says nothing any more. */
  readonly silentAfter?: number
  /** After so many bytes it is gone. */
  readonly goneAfter?: number
  readonly refuses?: Extract<Answer, { kind: 'refused' }>['reason']
  /** How often it refuses; always where nothing is said. */
  readonly refusals?: number
}

interface Actor extends Character {
  readonly id: string
  sent: number
  /** When what it was asked so far will have been sent. */
  freeAt: number
  refused: number
  openLeaves: number
  open: number
  gone: boolean
  readonly cancelled: Set<number>
}

export class Swarm {
  readonly clock = new FakeClock(1_000_000)
  readonly file: MadeUpFile
  readonly plan: FetchPlan
  readonly copy: Uint8Array
  readonly faults: { readonly peer: string; readonly fault: PeerFault }[] = []
  readonly leftFor: { readonly peer: string; readonly reason: string }[] = []
  /** Leaves of which each peer was asked. */
  readonly asked = new Map<string, number>()
  maxOpen = 0
  readonly #actors = new Map<string, Actor>()
  readonly #writeMs: number

  constructor(file: MadeUpFile, options: Partial<PlanOptions> & { readonly allow?: (clock: FakeClock) => () => boolean; readonly resumed?: { readonly length: number; readonly had: LeafSet }; readonly writeMs?: number } = {}) {
    this.file = file
    this.copy = new Uint8Array(file.bytes.length)
    this.#writeMs = options.writeMs ?? 1
    this.plan = new FetchPlan({ clock: this.clock, allow: options.allow?.(this.clock) ?? (() => true) }, { root: file.root, ...options }, options.resumed)
  }

  join(id: string, character: Character = {}): void {
    this.#actors.set(id, { id, sent: 0, freeAt: this.clock.now(), refused: 0, openLeaves: 0, open: 0, gone: false, cancelled: new Set(), ...character })
    this.plan.addPeer(id)
  }

  leave(id: string): void {
    const actor = this.#actors.get(id)
    if (actor !== undefined) actor.gone = true
    this.plan.removePeer(id)
  }

  /** Runs until the plan has an outcome; tells after how many seconds. Throws where that takes more than `limit` of them. */
  run(limit = 600): number {
    const begin = this.clock.now()
    while (!this.plan.isComplete && this.plan.failure === undefined) {
      this.#step()
      this.clock.advance(20)
      if (this.clock.now() - begin > limit * 1000) throw new Error(`no end after ${limit} s: ${JSON.stringify(this.plan.progress())}`)
    }
    this.#step()
    return (this.clock.now() - begin) / 1000
  }

  runFor(seconds: number): void {
    for (let i = 0; i < seconds * 50; i++) {
      this.#step()
      this.clock.advance(20)
    }
  }

  #step(): void {
    for (const action of this.plan.step()) {
      const actor = this.#actors.get(action.peer) as Actor
      if (action.kind === 'send') this.#ask(actor, action.question)
      else {
        actor.gone = true
        this.leftFor.push(action)
        if (action.fault !== undefined) this.faults.push({ peer: action.peer, fault: action.fault })
      }
    }
  }

  #ask(actor: Actor, question: Question): void {
    if (question.kind === 'cancel') return void actor.cancelled.add(question.id)
    actor.open++
    if (question.kind === 'leaves') {
      actor.openLeaves += question.count
      this.asked.set(actor.id, (this.asked.get(actor.id) ?? 0) + question.count)
    }
    this.maxOpen = Math.max(this.maxOpen, actor.openLeaves)
    if (actor.open > MAX_OPEN_REQUESTS || actor.openLeaves > MAX_OPEN_LEAVES) throw new Error('more was asked than may be')
    const bytes = question.kind === 'leaves' ? question.count * LEAF_BYTES : question.kind === 'hashes' ? 17_000 : 50
    actor.freeAt = Math.max(actor.freeAt, this.clock.now()) + (bytes / (actor.speed ?? 10e6)) * 1000
    this.clock.schedule(actor.freeAt - this.clock.now() + (actor.delayMs ?? 20), () => this.#answer(actor, question))
  }

  #answer(actor: Actor, question: Exclude<Question, { kind: 'cancel' }>): void {
    if (actor.gone || actor.sent >= (actor.silentAfter ?? Infinity)) return
    if (actor.sent >= (actor.goneAfter ?? Infinity)) return this.leave(actor.id)
    const { id } = question
    if (question.kind !== 'leaves') this.#end(actor, question)
    if (actor.refuses !== undefined && question.kind !== 'ask' && actor.refused++ < (actor.refusals ?? Infinity)) {
      if (question.kind === 'leaves') this.#end(actor, question)
      return this.#hear(actor, { kind: 'refused', id, reason: actor.refuses, afterMs: 1000 })
    }
    switch (question.kind) {
      case 'ask':
        return this.#hear(actor, { kind: 'have', id, length: actor.claims ?? this.file.bytes.length, ranges: actor.ranges ?? 'all' })
      case 'hashes':
        return this.#hear(actor, (actor.lies?.hashes ?? this.file).proof(id, question.group))
      case 'leaves':
        this.#end(actor, question)
        if (actor.cancelled.has(id)) return this.#hear(actor, { kind: 'refused', id, reason: 'cancelled', afterMs: 0 })
        for (let leaf = question.index; leaf < question.index + question.count; leaf += 4) {
          const count = Math.min(4, question.index + question.count - leaf)
          if (!covers(actor.ranges ?? 'all', leaf)) throw new Error('it was asked for what it does not have')
          const bytes = (actor.lies?.data ?? this.file).leaf(leaf, count)
          actor.sent += bytes.length
          this.#hear(actor, { kind: 'data', id, index: leaf, bytes })
        }
    }
  }

  #end(actor: Actor, question: Question): void {
    actor.open--
    if (question.kind === 'leaves') actor.openLeaves -= question.count
  }

  #hear(actor: Actor, answer: Answer): void {
    for (const verified of this.plan.onAnswer(actor.id, answer)) {
      if (verified.kind !== 'data') continue
      const { index, bytes } = verified
      this.clock.schedule(this.#writeMs, () => {
        this.copy.set(bytes, index * LEAF_BYTES)
        this.plan.onWritten(index, Math.ceil(bytes.length / LEAF_BYTES))
      })
    }
    this.#step()
  }
}

/**
 * Whose turn it is: a deficit round robin in two storeys. Pure: it knows names, and not what is sent.
 *
 * Between the classes a *round* gives each an allowance of bytes by weight (control 16, normal 4, bulk 1). While a class has
 * allowance left it goes before those below it; a new round begins when no class that has something to send may still send. So
 * control goes first as long as it does not fill the line, and then bulk still has a twenty-first of it: a program that takes everything for
 * urgent slows the others and does not silence them. What a class did not use in a round is not saved up.
 *
 * Within a class the members take turns. Each turn adds a quantum to a member's deficit, and it sends until that is
 * used up; what it sent beyond it owes. So members share by bytes, however long their frames are.
 */
import { CLASSES, type ChannelClass } from '../frames/frames.ts'

/** Bytes of a turn. */
export const QUANTUM = 16 * 1024
export const WEIGHTS: Readonly<Record<ChannelClass, number>> = { control: 16, normal: 4, bulk: 1 }

interface Turn<Member> {
  readonly member: Member
  readonly queue: ClassQueue<Member>
  deficit: number
  waiting: boolean
}

interface ClassQueue<Member> {
  readonly class: ChannelClass
  /** Members that have something to send, whose turn it is in front. */
  turns: Turn<Member>[]
  /** What the class may still send in this round; below zero it owes. */
  allowance: number
}

export class Scheduler<Member extends object> {
  readonly #queues: readonly ClassQueue<Member>[] = CLASSES.map((name) => ({ class: name, turns: [], allowance: WEIGHTS[name] * QUANTUM }))
  readonly #turns = new Map<Member, Turn<Member>>()

  /** The member has something to send. */
  ready(member: Member, name: ChannelClass): void {
    let turn = this.#turns.get(member)
    if (turn === undefined) this.#turns.set(member, (turn = { member, queue: this.#queues[CLASSES.indexOf(name)] as ClassQueue<Member>, deficit: 0, waiting: false }))
    if (turn.waiting) return
    turn.waiting = true
    // Nothing is saved up while there was nothing to send; debts stay.
    turn.deficit = Math.min(turn.deficit, 0)
    turn.queue.turns.push(turn)
  }

  /** It has nothing to send for now. */
  idle(member: Member): void {
    const turn = this.#turns.get(member)
    if (turn?.waiting !== true) return
    turn.waiting = false
    const { turns } = turn.queue
    if (turns[0] === turn) turns.shift()
    else turn.queue.turns = turns.filter((other) => other !== turn)
  }

  /** It is gone for good. */
  remove(member: Member): void {
    this.idle(member)
    this.#turns.delete(member)
  }

  /** Whose turn it is, which stays so until it is used up; among those of one class only, where that is named. */
  pick(only?: ChannelClass): Member | undefined {
    const queues = this.#queues.filter(({ class: name, turns }) => turns.length > 0 && (only === undefined || name === only))
    if (queues.length === 0) return undefined
    for (;;) {
      const queue = queues.find(({ allowance }) => allowance > 0)
      if (queue !== undefined) return front(queue)
      for (const each of this.#queues) each.allowance = Math.min(each.allowance, 0) + WEIGHTS[each.class] * QUANTUM
    }
  }

  /** The member sent so many bytes. */
  spent(member: Member, bytes: number): void {
    const turn = this.#turns.get(member)
    if (turn === undefined) return
    turn.deficit -= bytes
    turn.queue.allowance -= bytes
  }
}

function front<Member>(queue: ClassQueue<Member>): Member {
  for (;;) {
    const turn = queue.turns[0] as Turn<Member>
    if (turn.deficit > 0) return turn.member
    turn.deficit += QUANTUM
    // Whoever still owes waits for its next turn.
    if (turn.deficit > 0 && queue.turns.length === 1) return turn.member
    queue.turns.push(queue.turns.shift() as Turn<Member>)
  }
}

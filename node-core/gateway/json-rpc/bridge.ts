/**
 * A WebSocket of a client, and the one that the gateway opens to the node for it: so the ids of subscriptions and of `chainHead` belong to one client, and end with
 * it. Requests go to the node under numbers of the bridge's own; notifications pass as they are.
 *
 * Neither side can make the gateway hold much. The client is not read while too many of its requests wait, while a batch is under way, or while the node takes
 * nothing; the node is not read while the client takes nothing, and then ends the connection itself, as it does with every slow client, which the client is told.
 * What waits on its way in either direction counts as held, of all clients together.
 */
import type { WebSocket } from 'ws'
import type { Clock } from '../../base/clock.ts'
import type { MemoryBudget } from '../../base/memory-budget.ts'
import { CLOSE } from '../../json-rpc/web-socket.ts'
import { errorText } from '../../json-rpc/message.ts'
import { PROTOCOL_CODE, RpcError } from '../../json-rpc/errors.ts'
import { Held } from '../../web/held.ts'
import { answerText, elementsOf, readAnswer, statusIn } from './answers.ts'
import { judge, textOf, type Forwarded, type Judging } from './judged.ts'

/** IANA's registry of WebSocket close codes: a gateway could not get an answer of the server behind it. */
export const BAD_GATEWAY = 1014
const NORMAL = 1000
/** Messages that may still arrive after the socket was told to pause: what one read of it can hold. */
const MAX_WAITING = 8192

export interface Answered {
  readonly methods: readonly string[]
  readonly status: number
  readonly startedAt: number
  readonly bytes: number
}

export interface BridgeDeps {
  readonly client: WebSocket
  readonly node: WebSocket
  readonly judging: Judging
  readonly clock: Clock
  readonly budget: MemoryBudget
  readonly limits: { readonly pendingPerWebSocket: number; readonly backlogBytes: number }
  /** Told of each request that is answered. */
  readonly answered: (answered: Answered) => void
  /** The node has ended the connection. */
  readonly nodeLost: () => void
}

interface Pending {
  readonly idText: string
  readonly method: string
  readonly startedAt: number
}

interface Batch {
  readonly methods: readonly string[]
  readonly answers: string[]
  readonly startedAt: number
  /** Characters of our own answers. */
  readonly size: number
  /** Those that the node has not answered. */
  readonly ids: Set<number>
}

export class Bridge {
  readonly #deps: BridgeDeps
  readonly #waiting: string[] = []
  readonly #pending = new Map<number, Pending>()
  readonly #held: Held
  #batch: Batch | undefined
  /** Characters of requests that wait, and of what their answers need. */
  #kept = 0
  /** Bytes of a message that is not whole yet. */
  #arriving = 0
  #lastId = 0
  #isPaused = false
  #isNodePaused = false
  #isEnding = false
  #isClosed = false

  constructor(deps: BridgeDeps) {
    this.#deps = deps
    const { client, node, budget } = deps
    this.#held = new Held(budget, () => {
      client.terminate()
      node.terminate()
      this.#closed()
    })
    client.on('message', (data) => this.#receive((data as Buffer).toString('utf8')))
    node.on('message', (data) => this.#fromNode((data as Buffer).toString('utf8')))
    client.on('close', () => this.#closed())
    node.on('close', (code: number, reason: Buffer) => this.#nodeClosed(code, reason.toString('utf8')))
    client.on('error', () => client.terminate())
    node.on('error', () => node.terminate())
  }

  /** `bytes` of a message of the client have come, or are no part any more of one that has not come whole (negative). */
  arrived(bytes: number): void {
    this.#arriving += bytes
    this.#account()
  }

  /** Takes no request more, and closes as one that goes away when those under way are answered. */
  drain(): void {
    this.#isEnding = true
    for (const text of this.#waiting.splice(0)) this.#kept -= text.length
    this.#endIfDone()
  }

  /** At once. Idempotent. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const { client, node } = this.#deps
    // Its own closing frame can only be seen while the socket is read.
    client.resume()
    client.close(code, reason.slice(0, 120))
    node.resume()
    node.close(NORMAL)
  }

  #receive(text: string): void {
    if (this.#isClosed || this.#isEnding) return
    this.#waiting.push(text)
    this.#kept += text.length
    if (this.#waiting.length > MAX_WAITING) return this.close(CLOSE.policyViolation, 'too many requests at once')
    this.#pump()
  }

  #pump(): void {
    while (!this.#isClosed && this.#waiting.length > 0 && !this.#isFull()) this.#take(this.#waiting.shift() as string)
    this.#account()
    if (this.#isClosed) return
    const { client, node, limits: { backlogBytes } } = this.#deps
    const isFull = this.#isFull()
    if (isFull !== this.#isPaused) {
      this.#isPaused = isFull
      if (isFull) client.pause()
      else client.resume()
    }
    const isBehind = client.bufferedAmount > backlogBytes
    if (isBehind !== this.#isNodePaused) {
      this.#isNodePaused = isBehind
      if (isBehind) node.pause()
      else node.resume()
    }
    this.#endIfDone()
  }

  #account(): void {
    const { client, node } = this.#deps
    if (!this.#isClosed) this.#held.set(this.#kept + (this.#batch?.size ?? 0) + this.#arriving + client.bufferedAmount + node.bufferedAmount)
  }

  #isFull(): boolean {
    const { client, node, limits: { pendingPerWebSocket, backlogBytes } } = this.#deps
    return this.#batch !== undefined || this.#pending.size >= pendingPerWebSocket || node.bufferedAmount > backlogBytes || client.bufferedAmount > backlogBytes
  }

  #take(text: string): void {
    const { judging, clock } = this.#deps
    this.#kept -= text.length
    const judged = judge(text, judging)
    const startedAt = clock.now()
    if (judged.isBatch) return this.#takeBatch(judged.forwarded, { methods: judged.methods, answers: [...judged.answers], size: judged.answers.reduce((sum, answer) => sum + answer.length, 0), startedAt, ids: new Set() })
    for (const answer of judged.answers) this.#answer(answer, { methods: judged.methods, status: statusIn(readAnswerRest(answer)), startedAt })
    for (const forwarded of judged.forwarded) this.#toNode(this.#numbered(forwarded, startedAt))
  }

  #takeBatch(forwarded: readonly Forwarded[], batch: Batch): void {
    const texts = forwarded.map((entry) => {
      const text = this.#numbered(entry, batch.startedAt)
      if (entry.idText !== undefined) batch.ids.add(this.#lastId)
      return text
    })
    if (texts.length > 0) this.#toNode(`[${texts.join(',')}]`)
    if (batch.ids.size > 0) this.#batch = batch
    else this.#endBatch(batch)
  }

  /** As the node is sent it; what is to be answered is remembered. */
  #numbered({ request, idText }: Forwarded, startedAt: number): string {
    if (idText === undefined) return textOf(request, undefined)
    this.#kept += idText.length
    this.#pending.set(++this.#lastId, { idText, method: request.method, startedAt })
    return textOf(request, String(this.#lastId))
  }

  #fromNode(text: string): void {
    if (this.#isClosed) return
    try {
      if (text.startsWith('[')) this.#fromBatch(elementsOf(text))
      else this.#fromSingle(text)
    } catch {
      return this.close(BAD_GATEWAY, 'the node sent what cannot be read')
    }
    this.#pump()
  }

  #fromSingle(text: string): void {
    const { id, rest } = readAnswer(text)
    if (id === undefined) return this.#send(text)
    // The node refuses a batch as a whole, such as one whose answer is too large: all of it is answered with that.
    if (id === null) return this.#batch === undefined ? this.#send(text) : this.#fromBatch([...this.#batch.ids].map((one) => answerText(String(one), rest)))
    if (this.#batch?.ids.has(id) === true) return this.#fromBatch([text])
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#forget(id, pending)
    this.#answer(answerText(pending.idText, rest), { methods: [pending.method], status: statusIn(rest), startedAt: pending.startedAt })
  }

  #fromBatch(elements: readonly string[]): void {
    const batch = this.#batch
    if (batch === undefined) return
    for (const element of elements) {
      const { id, rest } = readAnswer(element)
      const pending = typeof id === 'number' && batch.ids.delete(id) ? this.#pending.get(id) : undefined
      if (pending === undefined) continue
      this.#forget(id as number, pending)
      batch.answers.push(answerText(pending.idText, rest))
    }
    // What the node has left out will not come.
    for (const id of batch.ids) {
      const pending = this.#pending.get(id)
      batch.answers.push(answerText(pending?.idText ?? 'null', readAnswerRest(errorText(null, new RpcError(PROTOCOL_CODE.internalError, 'Internal error')))))
      if (pending !== undefined) this.#forget(id, pending)
    }
    this.#batch = undefined
    this.#endBatch(batch)
  }

  #forget(id: number, { idText }: Pending): void {
    this.#pending.delete(id)
    this.#kept -= idText.length
  }

  #endBatch({ answers, methods, startedAt }: Batch): void {
    if (answers.length === 0) return
    this.#answer(`[${answers.join(',')}]`, { methods, status: 200, startedAt })
  }

  #answer(text: string, about: Omit<Answered, 'bytes'>): void {
    this.#send(text)
    this.#deps.answered({ ...about, bytes: text.length })
  }

  #toNode(text: string): void {
    this.#deps.node.send(text, () => this.#pump())
  }

  #send(text: string): void {
    this.#deps.client.send(text, () => this.#pump())
  }

  #endIfDone(): void {
    if (this.#isEnding && !this.#isClosed && this.#pending.size === 0 && this.#batch === undefined) this.close(CLOSE.goingAway, 'the gateway stops')
  }

  #closed(): void {
    this.#isClosed = true
    this.#held.forget()
    this.#waiting.length = 0
    this.#pending.clear()
    this.#deps.node.resume()
    this.#deps.node.close(NORMAL)
  }

  #nodeClosed(code: number, reason: string): void {
    if (this.#isClosed) return
    if (code === CLOSE.policyViolation) return this.close(code, reason)
    this.close(BAD_GATEWAY, reason === '' ? 'the connection to the node has ended' : `the node has ended the connection: ${reason}`)
    this.#deps.nodeLost()
  }
}

/** What follows the id in a text of our own. */
function readAnswerRest(text: string): string {
  return text.replace(/^\{"jsonrpc":"2\.0","id":(?:"(?:[^"\\]|\\.)*"|[^,]*),/, '')
}

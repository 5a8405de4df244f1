/** The client of the bench rpc.ts, in a process of its own: asks one thing again and again, `atOnce` at a time, and says how fast and how late the answers came. */
import { ID_AT, ID_DIGITS, openSocket, readTexts, requestFrame, vary } from './rpc-frames.ts'

export interface ToRpcAsker {
  readonly port: number
  readonly path: string
  readonly method: string
  readonly params: readonly unknown[]
  /** Each question has another last parameter, which is hexadecimal. */
  readonly distinct: boolean
  readonly atOnce: number
  readonly forMs: number
}
export interface Asked {
  readonly answers: number
  readonly perSecond: number
  readonly p99Ms: number
  /** Of the last answer. */
  readonly bytes: number
  /** Of this process, for an answer. */
  readonly askerMicros: number
}
export type FromRpcAsker = { readonly asked: Asked } | { readonly failed: string } | { readonly ready: true }

/** Ids have two digits. */
const FIRST_ID = 10

/** Over all rounds. */
let asked = 0

async function ask({ port, path, method, params, distinct, atOnce, forMs }: ToRpcAsker): Promise<Asked> {
  const socket = await openSocket(port, path)
  const frames = Array.from({ length: atOnce }, (_, index) => requestFrame(FIRST_ID + index, method, params))
  const sentAt = new Float64Array(atOnce)
  const took: number[] = []
  let bytes = 0
  let waiting: Buffer[] = []
  const send = (index: number): void => {
    if (waiting.length === 0) {
      queueMicrotask(() => {
        socket.write(waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting))
        waiting = []
      })
    }
    const frame = frames[index] as Buffer
    if (distinct) vary(frame, asked++)
    waiting.push(frame)
    sentAt[index] = performance.now()
  }
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const processor = process.cpuUsage()
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the server hung up')))
    readTexts(socket, (text, from, length) => {
      const index = Number(text.toString('latin1', from + ID_AT, from + ID_AT + ID_DIGITS)) - FIRST_ID
      const now = performance.now()
      took.push(now - (sentAt[index] as number))
      bytes = length
      if (now - startedAt < forMs) return send(index)
      socket.destroy()
      const { user, system } = process.cpuUsage(processor)
      const p99Ms = Float64Array.from(took).sort()[Math.floor(took.length * 0.99)] as number
      resolve({ answers: took.length, perSecond: (took.length * 1000) / (now - startedAt), p99Ms, bytes, askerMicros: (user + system) / took.length })
    })
    for (let index = 0; index < atOnce; index++) send(index)
  })
}

const say = (message: FromRpcAsker): void => void process.send?.(message)
process.on('message', (message: ToRpcAsker) => {
  ask(message).then((told) => say({ asked: told }), (error: unknown) => say({ failed: String(error) }))
})
process.on('disconnect', () => process.exit(0))
say({ ready: true })

/**
 * A program's connection to the node's socket: who the program is, then a session of calls (ipc.proto says how). Calls with one answer are promises; items of calls with
 * many are handed over one at a time, and the node is granted more as they are taken, so that a slow program holds or loses what the method says, and keeps little itself.
 */
import { connect, type Socket } from 'node:net'
import { create, fromBinary, toBinary, type DescMessage, type DescMethodServerStreaming, type DescMethodUnary, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf'
import { NodeError } from '../../../base/errors.ts'
import { encodeFrame, FrameReader } from '../../../network/framing.ts'
import { ChannelError, type ChannelErrorCode } from '../../channels/errors.ts'
import { encodeRequest } from '../../ipc/daemon/messages.ts'
import { Request_Type, ResponseSchema } from '../../ipc/daemon/p2pd_pb.ts'
import { FrameWriter } from '../../ipc/frame-writer.ts'
import { IPC_LIMITS } from '../../ipc/limits.ts'
import { HelloSchema, NodeFrameSchema, WelcomeSchema, type Failure, type NodeFrame, type Welcome } from '../../ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { encodeCall, readReply, type ReplyFrame } from '../../ipc/session/common-frames.ts'
import { encodeClientFrame, SESSION_VERSION } from '../../ipc/session/frames.ts'
import { methodName } from '../../ipc/session/methods.ts'

export interface ConnectOptions {
  /** Of the socket: `ipc/nodestead.sock` in the node's data folder, or the program's own. */
  readonly path: string
  /** The program's; none on a socket of its own. */
  readonly token?: string
  /** The program's software and version, for people. */
  readonly software?: string
}

/** A call with many answers that runs. */
export interface OpenCall {
  /** Resolves when the node ended it, rejects with its error; NET_CALL_CANCELLED where it was cancelled. */
  readonly done: Promise<void>
  cancel(): void
}

export interface OpenCallOptions<T> {
  /** Items that may be on their way. */
  readonly credit: number
  /** One after the other. `dropped`: lost in front of it, because the program was too slow. */
  readonly onItem: (item: T, dropped: number) => void | Promise<void>
}

interface CallOptions<O extends DescMessage> {
  readonly signal?: AbortSignal | undefined
  readonly onLate?: ((answer: MessageShape<O>) => void) | undefined
}

interface Waiting {
  readonly onFrame: (frame: NodeFrame | ReplyFrame) => void
  readonly fail: (error: Error) => void
}

export class Connection {
  readonly welcome: Welcome
  readonly #socket: Socket
  readonly #writer: FrameWriter
  readonly #reader: FrameReader
  readonly #calls = new Map<number, Waiting>()
  #lastId = 0
  #over: NodeError | undefined

  /** Rejects with what the node says: NET_TOKEN_UNKNOWN, NET_VERSION_UNSUPPORTED, NET_TOO_MANY_CLIENTS; or NET_SOCKET_FAILED where nobody listens. */
  static async open({ path, token = '', software = 'nodestead typescript' }: ConnectOptions): Promise<Connection> {
    const socket = connect(path)
    const reader = new FrameReader()
    try {
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    } catch (error) {
      throw new NodeError('NET_SOCKET_FAILED', `No node listens on ${path}.`, { cause: error, hint: 'Start the node, with its network opened to programs.', data: { path } })
    }
    socket.on('error', () => undefined)
    try {
      const hello = toBinary(HelloSchema, create(HelloSchema, { version: SESSION_VERSION, token, client: software }))
      const welcome = fromBinary(WelcomeSchema, (await ask(socket, reader, { type: Request_Type.HELLO, hello })).welcome)
      await ask(socket, reader, { type: Request_Type.SESSION })
      return new Connection(socket, reader, welcome)
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  private constructor(socket: Socket, reader: FrameReader, welcome: Welcome) {
    this.#socket = socket
    this.#writer = new FrameWriter(socket)
    this.#reader = reader
    this.welcome = welcome
    socket.on('data', (chunk) => this.#onData(chunk))
    socket.once('close', () => this.#end(new NodeError('NET_CLOSED', 'The connection with the node is closed.')))
    if (socket.destroyed) this.#end(new NodeError('NET_CLOSED', 'The connection with the node is closed.'))
    socket.resume()
  }

  /** Rejects with the node's error, and with the signal's reason; an answer that comes after that is for `onLate`. */
  call<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>, request: MessageInitShape<I>, options?: CallOptions<O>): Promise<MessageShape<O>> {
    return this.callEncoded(method, toBinary(method.input, create(method.input, request)), options)
  }

  /** The same, where the request is bytes already. */
  callEncoded<O extends DescMessage>(method: DescMethodUnary<DescMessage, O>, request: Uint8Array, { signal, onLate }: CallOptions<O> = {}): Promise<MessageShape<O>> {
    if (this.#over !== undefined) return Promise.reject(this.#over)
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    return new Promise((resolve, reject) => {
      let isLate = false
      const onAbort = (): void => {
        isLate = true
        this.#write(encodeClientFrame({ id, body: { case: 'cancel', value: {} } }))
        reject(signal?.reason as Error)
      }
      const id = this.#begin({
        onFrame: ({ body }) => {
          this.#calls.delete(id)
          signal?.removeEventListener('abort', onAbort)
          if (body.case !== 'reply') return reject(body.case === 'failure' ? errorOf(body.value) : unexpected())
          const answer = fromBinary(method.output, body.value.response)
          if (isLate) onLate?.(answer)
          else resolve(answer)
        },
        fail: reject,
      })
      signal?.addEventListener('abort', onAbort)
      this.#write(encodeCall(id, methodName(method), request))
    })
  }

  open<I extends DescMessage, O extends DescMessage>(method: DescMethodServerStreaming<I, O>, request: MessageInitShape<I>, { credit, onItem }: OpenCallOptions<MessageShape<O>>): OpenCall {
    const { promise: done, resolve, reject } = Promise.withResolvers<void>()
    done.catch(() => undefined)
    if (this.#over !== undefined) {
      reject(this.#over)
      return { done, cancel: () => undefined }
    }
    let handing = Promise.resolve()
    let taken = 0
    const id = this.#begin({
      onFrame: ({ body }) => {
        if (body.case === 'item') {
          const { message, dropped } = body.value
          handing = handing.then(() => onItem(fromBinary(method.output, message), Number(dropped))).then(() => {
            if (++taken < Math.ceil(credit / 2) || !this.#calls.has(id)) return
            this.#write(encodeClientFrame({ id, body: { case: 'grant', value: { items: taken } } }))
            taken = 0
          })
          handing.catch(reject)
          return
        }
        this.#calls.delete(id)
        // What came before the end is taken before the end.
        void handing.then(() => (body.case === 'end' ? resolve() : reject(body.case === 'failure' ? errorOf(body.value) : unexpected())))
      },
      fail: reject,
    })
    this.#write(encodeCall(id, methodName(method), toBinary(method.input, create(method.input, request)), credit))
    return { done, cancel: () => void (this.#calls.has(id) && this.#write(encodeClientFrame({ id, body: { case: 'cancel', value: {} } }))) }
  }

  /** What waits is rejected with NET_CLOSED. Idempotent. */
  close(): void {
    this.#end(new NodeError('NET_CLOSED', 'The connection with the node is closed.'))
    this.#socket.destroySoon()
  }

  #begin(waiting: Waiting): number {
    // Ids of calls that last are passed over when the numbers begin again.
    do this.#lastId = (this.#lastId % 0xffff_fffe) + 1
    while (this.#calls.has(this.#lastId))
    this.#calls.set(this.#lastId, waiting)
    return this.#lastId
  }

  #write(frame: Uint8Array): void {
    this.#writer.write(frame)
  }

  #onData(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk)
      for (let bytes = this.#reader.next(IPC_LIMITS.messageBytes); bytes !== undefined; bytes = this.#reader.next(IPC_LIMITS.messageBytes)) {
        const frame = readReply(bytes) ?? fromBinary(NodeFrameSchema, bytes)
        this.#calls.get(frame.id)?.onFrame(frame)
      }
    } catch (error) {
      this.#end(new NodeError('NET_CLOSED', 'The node said what cannot be understood.', { cause: error }))
      this.#socket.destroy()
    }
  }

  #end(error: NodeError): void {
    this.#over ??= error
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const { fail } of calls) fail(this.#over)
  }
}

/** One request of the daemon's protocol, in front of the session. */
async function ask(socket: Socket, reader: FrameReader, request: Parameters<typeof encodeRequest>[0]): Promise<MessageShape<typeof ResponseSchema>> {
  socket.write(encodeFrame(encodeRequest(request)))
  let bytes = reader.next(IPC_LIMITS.messageBytes)
  while (bytes === undefined) {
    reader.push(await nextChunk(socket))
    bytes = reader.next(IPC_LIMITS.messageBytes)
  }
  const response = fromBinary(ResponseSchema, bytes)
  if (response.error !== undefined) throw new NodeError(response.error.code === '' ? 'NET_INTERNAL' : response.error.code, response.error.msg)
  return response
}

/** The socket is paused behind it. */
function nextChunk(socket: Socket): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new NodeError('NET_CLOSED', 'The node closed the connection.'))
    socket.once('close', onClose)
    socket.once('data', (chunk) => {
      socket.pause()
      socket.off('close', onClose)
      resolve(chunk)
    })
    socket.resume()
  })
}

/** With the code that it has in the node; figures of its data are texts. */
export function errorOf({ code, message, hint, data }: Failure): NodeError {
  const options = { data, ...(hint === '' ? {} : { hint }) }
  return code.startsWith('CHANNEL_') ? new ChannelError(code as ChannelErrorCode, message, options) : new NodeError(code, message, options)
}

function unexpected(): NodeError {
  return new NodeError('NET_INTERNAL', 'The node answered with something else than was asked for.')
}

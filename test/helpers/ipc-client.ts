/** A program at the local socket, for tests: requests of the daemon's protocol, and sessions. */
import { connect, type Socket } from 'node:net'
import { create, fromBinary, toBinary, type DescMessage, type DescMethodServerStreaming, type DescMethodUnary, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf'
import { encodeRequest } from '../../node-core/net/ipc/daemon/messages.ts'
import { Request_Type, ResponseSchema, type RequestSchema, type Response } from '../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { FrameWriter } from '../../node-core/net/ipc/frame-writer.ts'
import { NodeFrameSchema, WelcomeSchema, HelloSchema, type Failure, type NodeFrame, type Welcome } from '../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { encodeCall } from '../../node-core/net/ipc/session/common-frames.ts'
import { encodeClientFrame } from '../../node-core/net/ipc/session/frames.ts'
import { methodName } from '../../node-core/net/ipc/session/methods.ts'
import { FrameReader } from '../../node-core/network/framing.ts'

const MAX = 4 * 1024 * 1024

/** What a session answered in place of an answer. */
export class CallFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(`${failure.code}: ${failure.message}`)
    this.failure = failure
  }
}

export class IpcClient {
  readonly socket: Socket
  readonly #writer: FrameWriter
  readonly #reader = new FrameReader()
  #ended = false
  #wake: () => void = () => undefined

  static async connect(path: string): Promise<IpcClient> {
    const socket = connect({ path, allowHalfOpen: true })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new IpcClient(socket)
  }

  private constructor(socket: Socket) {
    this.socket = socket
    this.#writer = new FrameWriter(socket)
    socket.on('error', () => undefined)
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onEnd)
  }

  send(message: Uint8Array): void {
    this.#writer.write(message)
  }

  /** The next message; undefined where the node has closed the connection. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const message = this.#reader.next(MAX)
      if (message !== undefined) return message
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** The answer to a request, whichever it is. */
  async request(request: MessageInitShape<typeof RequestSchema>): Promise<Response> {
    this.send(encodeRequest(request))
    return this.response()
  }

  async response(): Promise<Response> {
    const answer = await this.read()
    if (answer === undefined) throw new Error('the node closed the connection')
    return fromBinary(ResponseSchema, answer)
  }

  async hello(token: string, version = 1): Promise<Welcome | string> {
    const { error, welcome } = await this.request({ type: Request_Type.HELLO, hello: toBinary(HelloSchema, create(HelloSchema, { version, token, client: 'a test 1' })) })
    return error === undefined ? fromBinary(WelcomeSchema, welcome) : (error.code)
  }

  async session(): Promise<IpcSession> {
    const { error } = await this.request({ type: Request_Type.SESSION })
    if (error !== undefined) throw new Error(error.msg)
    return new IpcSession(this)
  }

  /** The socket as a stream, with what came behind the last message. */
  take(): { readonly socket: Socket; readonly rest: Uint8Array } {
    this.socket.off('data', this.#onData)
    this.socket.pause()
    return { socket: this.socket, rest: this.#reader.takeRest() }
  }

  close(): void {
    this.socket.destroy()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#reader.push(chunk)
    this.#wake()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#wake()
  }
}

export class IpcSession {
  readonly client: IpcClient
  readonly #waiting = new Map<number, (frame: NodeFrame | undefined) => void>()
  #lastId = 0

  constructor(client: IpcClient) {
    this.client = client
    void this.#read()
  }

  /** Rejects with a {@link CallFailure}. */
  async call<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>, request: MessageInitShape<I>): Promise<MessageShape<O>> {
    const id = ++this.#lastId
    const answer = new Promise<NodeFrame | undefined>((resolve) => this.#waiting.set(id, resolve))
    this.client.send(encodeCall(id, methodName(method), toBinary(method.input, create(method.input, request))))
    const frame = await answer
    this.#waiting.delete(id)
    if (frame?.body.case === 'reply') return fromBinary(method.output, frame.body.value.response)
    if (frame?.body.case === 'failure') throw new CallFailure(frame.body.value)
    throw new Error('the session ended')
  }

  /** Frames of a call with many answers, as they come. */
  stream<I extends DescMessage, O extends DescMessage>(method: DescMethodServerStreaming<I, O>, request: MessageInitShape<I>, credit = 0): StreamCall<O> {
    const id = ++this.#lastId
    const call = new StreamCall(this.client, id, method.output)
    this.#waiting.set(id, (frame) => call.onFrame(frame))
    this.client.send(encodeCall(id, methodName(method), toBinary(method.input, create(method.input, request)), credit))
    return call
  }

  async #read(): Promise<void> {
    for (let bytes = await this.client.read(); bytes !== undefined; bytes = await this.client.read()) {
      const frame = fromBinary(NodeFrameSchema, bytes)
      this.#waiting.get(frame.id)?.(frame)
    }
    for (const tell of this.#waiting.values()) tell(undefined)
  }
}

export class StreamCall<O extends DescMessage> {
  readonly items: { readonly message: MessageShape<O>; readonly dropped: number }[] = []
  /** How it ended. */
  end: 'end' | 'gone' | Failure | undefined
  readonly #client: IpcClient
  readonly #id: number
  readonly #output: O

  constructor(client: IpcClient, id: number, output: O) {
    this.#client = client
    this.#id = id
    this.#output = output
  }

  onFrame(frame: NodeFrame | undefined): void {
    const body = frame?.body
    if (body?.case === 'item') this.items.push({ message: fromBinary(this.#output, body.value.message), dropped: Number(body.value.dropped) })
    else this.end = body === undefined ? 'gone' : body.case === 'failure' ? body.value : 'end'
  }

  grant(items: number): void {
    this.#client.send(encodeClientFrame({ id: this.#id, body: { case: 'grant', value: { items } } }))
  }

  cancel(): void {
    this.#client.send(encodeClientFrame({ id: this.#id, body: { case: 'cancel', value: {} } }))
  }
}

/**
 * A slow line between two nodes on loopback: a TCP proxy that passes so many bytes a second in each direction, and keeps a bounded buffer.
 * The kernel's own buffers in front of it make the rest of the queue, as a home router's do.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Passed on together, at most. */
const SLICE = 1500
const TICK_MS = 1
/** What was not used is used up to so long after. */
const BURST_SECONDS = 0.005

export class ShapedLine {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()

  /** In front of a node that listens on `port`. */
  static async start(port: number, bytesPerSecond: number, bufferBytes: number): Promise<ShapedLine> {
    const line = new ShapedLine(port, bytesPerSecond, bufferBytes)
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve))
    return line
  }

  private constructor(port: number, bytesPerSecond: number, bufferBytes: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      this.#pass(near, far, bytesPerSecond, bufferBytes)
      this.#pass(far, near, bytesPerSecond, bufferBytes)
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The node's address, by way of this line. */
  addressOf(address: string): string {
    return address.replace(/\/tcp\/\d+/, `/tcp/${this.port}`)
  }

  /** Cuts the connections that there are; new ones may come. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  stop(): void {
    this.cut()
    for (const timer of this.#timers) clearInterval(timer)
    this.#server.close()
  }

  #pass(from: Socket, to: Socket, bytesPerSecond: number, bufferBytes: number): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    let queue: Uint8Array[] = []
    let queued = 0
    let earned = 0
    let last = performance.now()
    from.on('data', (chunk: Uint8Array) => {
      queue.push(chunk)
      queued += chunk.length
      if (queued >= bufferBytes) from.pause()
    })
    const end = (): void => {
      clearInterval(timer)
      this.#timers.delete(timer)
      to.destroy()
    }
    const timer = setInterval(() => {
      const now = performance.now()
      earned = Math.min(earned + ((now - last) / 1000) * bytesPerSecond, bytesPerSecond * BURST_SECONDS)
      last = now
      while (queue.length > 0 && earned > 0) {
        const first = queue[0] as Uint8Array
        const slice = first.subarray(0, SLICE)
        if (slice.length === first.length) queue = queue.slice(1)
        else queue[0] = first.subarray(SLICE)
        queued -= slice.length
        earned -= slice.length
        to.write(slice)
      }
      if (queued < bufferBytes && from.isPaused()) from.resume()
    }, TICK_MS)
    this.#timers.add(timer)
    from.on('close', end)
    from.on('error', () => undefined)
  }
}

/**
 * The thread that waits for the packets of a TUN device, which nothing in Node.js can wait for without holding up something else. What comes in one go is handed
 * over in one piece; while too much of that waits to be carried on, nothing is read, and the system drops what its own queue does not hold: so each program that
 * sends is slowed as by any full line.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { LENGTH_BYTES, MAX_PACKET_BYTES } from './packets.ts'
import { loadTunCalls, type TunCalls } from './native.ts'

/** What the thread is begun with. */
export interface DeviceThreadData {
  readonly device: number
  /** Readable when the thread is to end. */
  readonly end: number
  /** One 32-bit number: bytes that were handed over and not carried on yet. */
  readonly waiting: SharedArrayBuffer
}

/** Packets, each behind its length (packets.ts); or the number of the error with which the device was lost. The thread ends behind that. */
export type DeviceMessage = { readonly packets: Uint8Array } | { readonly errno: number }

/** No more is read into one piece behind so much. */
const PIECE_BYTES = 64 * 1024
const MAX_WAITING_BYTES = 1024 * 1024
/** Nobody says that the thread is to end while it waits for room: it looks so often. */
const LOOK_MS = 100
const EAGAIN = 11
const EINTR = 4

/** The number of the error that the device is lost with; 0 where it has no more to give. */
function readBurst(calls: TunCalls, device: number, scratch: Buffer): { readonly bytes: number; readonly errno: number } {
  let at = 0
  while (at < PIECE_BYTES) {
    const read = calls.read(device, scratch.subarray(at + LENGTH_BYTES), MAX_PACKET_BYTES)
    if (read < 0) {
      const errno = calls.errno()
      return { bytes: at, errno: errno === EAGAIN || errno === EINTR ? 0 : errno }
    }
    scratch.writeUInt16BE(read, at)
    at += LENGTH_BYTES + read
  }
  return { bytes: at, errno: 0 }
}

async function run({ device, end, waiting }: DeviceThreadData): Promise<void> {
  const calls = await loadTunCalls()
  const post = (message: DeviceMessage, transfer: readonly ArrayBuffer[] = []): void => parentPort?.postMessage(message, [...transfer])
  const counter = new Int32Array(waiting)
  const scratch = Buffer.alloc(PIECE_BYTES + LENGTH_BYTES + MAX_PACKET_BYTES)
  for (;;) {
    const full = Atomics.load(counter, 0)
    const files = full > MAX_WAITING_BYTES ? [end] : [end, device]
    if (files.length === 1) Atomics.wait(counter, 0, full, LOOK_MS)
    const [isOver = false, hasPackets = false] = calls.wait(files, files.length === 1 ? 0 : -1)
    if (isOver) return
    if (!hasPackets) continue
    const { bytes, errno } = readBurst(calls, device, scratch)
    if (bytes > 0) {
      const packets = new Uint8Array(bytes)
      packets.set(scratch.subarray(0, bytes))
      Atomics.add(counter, 0, bytes)
      post({ packets }, [packets.buffer])
    }
    if (errno !== 0) return post({ errno })
  }
}

await run(workerData as DeviceThreadData)

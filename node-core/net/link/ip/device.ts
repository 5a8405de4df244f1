/**
 * A TUN device of Linux: what programs send to its addresses comes out here as packets, and what is written here comes to them. An administrator makes it once for
 * a user, who needs no rights from then on:
 *
 *   ip tuntap add dev nodestead0 mode tun user <name>
 *   ip address add 10.77.0.1/24 dev nodestead0
 *   ip link set nodestead0 up
 *
 * Addresses and routes stay the administrator's: nothing is changed about the device.
 */
import { access, constants, open, type FileHandle } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { beginThread, endThread } from '../../../base/threads.ts'
import { LinkError } from '../errors.ts'
import type { DeviceMessage, DeviceThreadData } from './device-thread.ts'
import { loadTunCalls, type TunCalls } from './native.ts'
import { addressKey, type AddressKey } from './packets.ts'

const TUN_FILE = '/dev/net/tun'
const EPERM = 1
const EBUSY = 16

export interface DeviceEvents {
  /** Packets from programs of this computer, each behind its length (packets.ts). They are carried on, or dropped, before this returns. */
  readonly onPackets: (packets: Buffer) => void
  /** The device is gone; nothing comes any more. */
  readonly onLost: (error: LinkError) => void
}

export interface IpDevice {
  /** Gives a packet to the programs of this computer; false where the device takes none: it is down. */
  write(packet: Buffer): boolean
  /** Its own, as they are now. */
  addresses(): ReadonlySet<AddressKey>
  /** Idempotent; never rejects. */
  close(): Promise<void>
}

/** Opens a device by its name. */
export type OpenDevice = (name: string, events: DeviceEvents) => Promise<IpDevice>

/** Rejects NET_LINK_TUN_{UNSUPPORTED,MISSING,DENIED,BUSY,FAILED}. */
export function tunDevices({ logger, workerUrl = new URL('./device-thread.ts', import.meta.url) }: { readonly logger: Logger; readonly workerUrl?: URL | undefined }): OpenDevice {
  return async (name, events) => {
    const calls = await loadTunCalls().catch((error: unknown) => {
      throw new LinkError('NET_LINK_TUN_UNSUPPORTED', `This installation cannot use a TUN device: the package koffi, which calls into the system, is not there for ${process.platform} on ${process.arch}.`, {
        hint: 'Forward a port, or use the SOCKS door: both need no rights.',
        cause: error,
      })
    })
    // With all rights the call would make a device that nobody asked for.
    const isThere = await access(`/sys/class/net/${name}/tun_flags`).then(() => true, () => false)
    if (!isThere) throw missing(name)
    const file = await openTunFile()
    const errno = calls.attach(file.fd, name)
    if (errno !== 0) {
      await file.close()
      throw refused(name, errno)
    }
    return new TunDevice(name, file, calls, workerUrl, events, logger)
  }
}

class TunDevice implements IpDevice {
  readonly #name: string
  readonly #file: FileHandle
  readonly #calls: TunCalls
  readonly #end: number
  readonly #thread: ReturnType<typeof beginThread>
  readonly #logger: Logger
  readonly #exited: Promise<void>
  #closing: Promise<void> | undefined

  constructor(name: string, file: FileHandle, calls: TunCalls, workerUrl: URL, { onPackets, onLost }: DeviceEvents, logger: Logger) {
    this.#name = name
    this.#file = file
    this.#calls = calls
    this.#logger = logger
    this.#end = calls.signal()
    const waiting = new SharedArrayBuffer(4)
    const counter = new Int32Array(waiting)
    this.#thread = beginThread(workerUrl, { name: 'ip link', workerData: { device: file.fd, end: this.#end, waiting } satisfies DeviceThreadData })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#exited = promise
    this.#thread.once('exit', () => resolve())
    this.#thread.once('error', (error) => {
      if (this.#closing === undefined) onLost(lost(name, errorMessage(error)))
    })
    this.#thread.on('message', (message: DeviceMessage) => {
      if (this.#closing !== undefined) return
      if ('errno' in message) return onLost(lost(name, errorName(message.errno)))
      onPackets(Buffer.from(message.packets.buffer, 0, message.packets.length))
      Atomics.sub(counter, 0, message.packets.length)
      Atomics.notify(counter, 0)
    })
  }

  write(packet: Buffer): boolean {
    return this.#closing === undefined && this.#calls.write(this.#file.fd, packet, packet.length) === packet.length
  }

  addresses(): ReadonlySet<AddressKey> {
    const all = networkInterfaces()[this.#name] ?? []
    return new Set(all.flatMap(({ address }) => addressKey(address.replace(/%.*$/, '')) ?? []))
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    const one = Buffer.alloc(8)
    one.writeUInt8(1)
    this.#calls.write(this.#end, one, one.length)
    // It ends by itself; whoever ends a thread waits so long as is sensible, and no longer.
    await endThread({ terminate: () => this.#exited }, `of the device ${this.#name}`, { logger: this.#logger })
    await this.#file.close().catch(() => undefined)
    this.#calls.close(this.#end)
  }
}

async function openTunFile(): Promise<FileHandle> {
  try {
    return await open(TUN_FILE, constants.O_RDWR | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new LinkError('NET_LINK_TUN_DENIED', `${TUN_FILE} cannot be opened (${code ?? errorMessage(error)}).`, {
      hint: code === 'ENOENT' ? 'An administrator loads the module tun: modprobe tun' : `An administrator lets your user read and write ${TUN_FILE}.`,
      cause: error,
      data: { file: TUN_FILE },
    })
  }
}

function missing(device: string): LinkError {
  return new LinkError('NET_LINK_TUN_MISSING', `There is no TUN device ${device} on this computer.`, { hint: `An administrator makes it for you once: ip tuntap add dev ${device} mode tun user <your name>`, data: { device } })
}

function refused(device: string, errno: number): LinkError {
  const data = { device }
  if (errno === EBUSY) return new LinkError('NET_LINK_TUN_BUSY', `Another program uses the TUN device ${device}.`, { hint: 'End that program, or have an administrator make another device.', data })
  if (errno === EPERM) return new LinkError('NET_LINK_TUN_DENIED', `The TUN device ${device} belongs to another user.`, { hint: `An administrator makes it for you: ip tuntap add dev ${device} mode tun user <your name>`, data })
  return new LinkError('NET_LINK_TUN_FAILED', `The TUN device ${device} cannot be used (${errorName(errno)}).`, { hint: 'It has to be of mode tun, with one queue and without further headers.', data })
}

function lost(device: string, why: string): LinkError {
  return new LinkError('NET_LINK_TUN_FAILED', `The TUN device ${device} is gone (${why}).`, { hint: 'It is looked for again; see with an administrator whether it was removed.', data: { device } })
}

function errorName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `error ${errno}`
}

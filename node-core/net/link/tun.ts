/**
 * What an IP link needs on each system, and whether this version can have one (ip/ip-link.ts is the link itself).
 *
 * A TUN device hands the packets of a network interface to a program. On Linux an administrator makes one for a user once, and from then on that user needs no
 * rights to use it: /dev/net/tun is open to everybody, and ioctl TUNSETIFF, by which a program says which device it means, is allowed to the device's owner (Linux,
 * Documentation/networking/tuntap.rst).
 *
 * On macOS a utun device needs the rights of root in any case. On Windows it needs the Wintun driver, whose installation needs an administrator, and its library.
 * There a forward or the SOCKS door carries TCP between programs without rights of any kind.
 */
import { LinkError } from './errors.ts'
import type { OpenDevice } from './ip/device.ts'

export interface TunSupport {
  /** As Node.js names it. */
  readonly system: NodeJS.Platform
  /** Whether this version can have an IP link here. */
  readonly available: boolean
  /** What such a link needs on this system; a sentence for people. */
  readonly needs: string
}

const INSTEAD = 'Forward a port, or use the SOCKS door: both need no rights.'

const NEEDS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'An administrator makes a device for you once: ip tuntap add dev nodestead0 mode tun user <your name>.',
  darwin: 'The program that opens a utun device runs as root.',
  win32: 'An administrator installs the Wintun driver, and a program calls its library.',
}

/** What an IP link needs on a system. */
export function tunSupport(system: NodeJS.Platform = process.platform): TunSupport {
  return { system, available: system === 'linux', needs: NEEDS[system] ?? 'It is not known what an IP link needs on this system.' }
}

/** The devices of a system without any: rejects with a LinkError NET_LINK_TUN_UNSUPPORTED that says what is missing. */
export function noDevices(system: NodeJS.Platform = process.platform): OpenDevice {
  const { needs } = tunSupport(system)
  return () => Promise.reject(new LinkError('NET_LINK_TUN_UNSUPPORTED', `This version has no IP link on this system. ${needs}`, { hint: INSTEAD, data: { system, needs } }))
}

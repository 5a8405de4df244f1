/**
 * An IP link on a TUN device: what it needs on each system, and why this version has none.
 *
 * A TUN device hands the packets of a network interface to a program that reads and writes a file. On Linux an administrator can make one for a user once
 * (`ip tuntap add dev nodestead0 mode tun user <name>`), and from then on that user needs no rights to use it. But opening /dev/net/tun is not yet
 * having it: which of the devices a file stands for, and that it is a TUN at all, the program says with ioctl TUNSETIFF, and until then each read fails with EBADFD (Linux,
 * Documentation/networking/tuntap.rst). Node.js has no ioctl and no calls into C libraries; what it has for files (open, read, write) does not reach that far. So the last
 * step needs a native add-on, or a small program of its own that opens the device and hands it on, and the node ships neither: each would be code
 * for one system, to be built and signed for all.
 *
 * On macOS a utun device needs the rights of root in any case, and a socket of a family that Node.js does not have. On Windows it needs the Wintun driver, whose
 * installation needs an administrator, and calls into its library.
 *
 * Until there is one, a forward or the SOCKS door carries TCP between programs without rights of any kind (link.ts).
 */
import { LinkError } from './errors.ts'

export interface TunSupport {
  /** As Node.js names it. */
  readonly system: NodeJS.Platform
  /** Whether this version can have an IP link here. */
  readonly available: boolean
  /** What such a link needs on this system; a sentence for people. */
  readonly needs: string
  /** Why this version has none; a sentence for people. */
  readonly reason: string
}

const INSTEAD = 'Forward a port, or use the SOCKS door: both need no rights.'

const NEEDS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'An administrator makes a device for you once: ip tuntap add dev nodestead0 mode tun user <your name>.',
  darwin: 'The program that opens a utun device runs as root.',
  win32: 'An administrator installs the Wintun driver.',
}
const REASONS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'To attach to the device a program calls ioctl TUNSETIFF, which Node.js cannot do, and this version ships no native code that could.',
  darwin: 'Node.js cannot open such a device, and this version ships no native code that could and runs without the rights of root.',
  win32: 'The driver is used through a library of its own, which Node.js cannot call, and this version ships no native code that could.',
}

/** What an IP link needs on a system, and why there is none. */
export function tunSupport(system: NodeJS.Platform = process.platform): TunSupport {
  return {
    system,
    available: false,
    needs: NEEDS[system] ?? 'It is not known what an IP link needs on this system.',
    reason: REASONS[system] ?? 'This version was not made for an IP link on this system.',
  }
}

/** For whoever asks for one all the same: a LinkError NET_LINK_TUN_UNSUPPORTED that says what is missing. */
export function tunUnsupported(system: NodeJS.Platform = process.platform): LinkError {
  const { needs, reason } = tunSupport(system)
  return new LinkError('NET_LINK_TUN_UNSUPPORTED', `This version has no IP link on this system. ${reason}`, { hint: INSTEAD, data: { system, needs } })
}

/**
 * The calls into the C library that a TUN device needs and Node.js has not: ioctl says which device an open file stands for, poll waits for its packets. They
 * come by koffi, which calls into libraries without native code of one's own. It is loaded when an IP link is asked for, on Linux alone; where it is not
 * installed there is no IP link.
 *
 * read and write go the same way although Node.js has them: that a device has no more to give is no exception, it is the end of each burst.
 */

/** `_IOW('T', 202, int)`, include/uapi/linux/if_tun.h. */
const TUNSETIFF = 0x400454ca
const IFF_TUN = 0x0001
/** No four bytes in front of each packet. */
const IFF_NO_PI = 0x1000
/** struct ifreq: 16 bytes of name, and a union of which the flags are the first two. */
const IFREQ_BYTES = 40
const NAME_BYTES = 16

const POLLIN = 0x0001
/** struct pollfd: file, wanted, happened. */
const POLLFD_BYTES = 8

export interface TunCalls {
  /** Makes the open file `fd` of /dev/net/tun the device of this name. Returns 0, or the number of the error. */
  attach(fd: number, name: string): number
  /** Waits until one of the files has something to read, as many milliseconds as there are (-1: for ever); returns which have. */
  wait(fds: readonly number[], timeoutMs: number): readonly boolean[]
  /** Returns how many bytes were read, or -1 where none were. */
  read(fd: number, into: Buffer, bytes: number): number
  /** Returns how many bytes were written, or -1. */
  write(fd: number, bytes: Uint8Array, length: number): number
  /** The number of the error of the call before. */
  errno(): number
  /** A file that can be read once somebody has written eight bytes that are not all zero. */
  signal(): number
  close(fd: number): void
}

/** Rejects where koffi, or its part for this processor, is not installed. */
export async function loadTunCalls(): Promise<TunCalls> {
  const { default: koffi } = await import('koffi')
  const libc = koffi.load(null)
  const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)') as (fd: number, request: number, argument: Buffer) => number
  const poll = libc.func('int poll(void *files, unsigned long count, int timeout)') as (files: Buffer, count: number, timeout: number) => number
  const read = libc.func('long read(int fd, void *into, unsigned long bytes)') as (fd: number, into: Buffer, bytes: number) => number
  const eventfd = libc.func('int eventfd(unsigned int value, int flags)') as (value: number, flags: number) => number
  const close = libc.func('int close(int fd)') as (fd: number) => number
  const write = libc.func('long write(int fd, void *from, unsigned long bytes)') as (fd: number, from: Uint8Array, bytes: number) => number
  return {
    attach(fd, name) {
      const request = Buffer.alloc(IFREQ_BYTES)
      request.write(name, 0, NAME_BYTES - 1, 'latin1')
      request.writeUInt16LE(IFF_TUN | IFF_NO_PI, NAME_BYTES)
      return ioctl(fd, TUNSETIFF, request) < 0 ? koffi.errno() : 0
    },
    wait(fds, timeoutMs) {
      const files = Buffer.alloc(fds.length * POLLFD_BYTES)
      for (const [i, fd] of fds.entries()) {
        files.writeInt32LE(fd, i * POLLFD_BYTES)
        files.writeInt16LE(POLLIN, i * POLLFD_BYTES + 4)
      }
      // Interrupted by a signal it says that nothing has happened, and is called again.
      poll(files, fds.length, timeoutMs)
      return fds.map((_, i) => files.readInt16LE(i * POLLFD_BYTES + 6) !== 0)
    },
    read,
    write,
    errno: () => koffi.errno(),
    signal: () => eventfd(0, 0),
    close: (fd) => void close(fd),
  }
}

/**
 * A tar archive (POSIX ustar, gzipped) that depends on nothing but names and contents: no clock, no user, no umask, no order
 * of a folder. The same files give the same bytes on every machine.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export interface TarEntry {
  /** `a/b`, at most 255 bytes; a part of it that begins after at most 155 bytes has at most 100. */
  readonly path: string
  readonly executable: boolean
  readonly body: Uint8Array
}

const BLOCK = 512

/** `seconds` since 1970 is the time of every entry. */
export function tarOf(entries: readonly TarEntry[], seconds: number): Buffer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))
  const parts = sorted.flatMap(({ path, executable, body }) => [headerOf(path, executable ? 0o755 : 0o644, body.length, seconds), body, zeros(-body.length & (BLOCK - 1))])
  return Buffer.concat([...parts, zeros(2 * BLOCK)])
}

/** Without name and time; which system it was made on is `unknown`. */
export async function gzipOf(data: Uint8Array): Promise<Buffer> {
  const packed = await promisify(gzip)(data)
  packed[9] = 255
  return packed
}

function headerOf(path: string, mode: number, size: number, seconds: number): Buffer {
  const header = zeros(BLOCK)
  const [prefix, name] = splitName(path)
  const octal = (value: number, at: number, digits: number): void => void header.write(value.toString(8).padStart(digits, '0'), at, 'latin1')
  header.write(name, 0)
  octal(mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(seconds, 136, 11)
  header.fill(' ', 148, 156)
  header.write('0', 156, 'latin1')
  header.write('ustar\x0000root', 257, 'latin1')
  header.write('root', 297, 'latin1')
  header.write(prefix, 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  octal(sum, 148, 6)
  header[154] = 0
  return header
}

/** Long paths are cut at a slash: the front goes into a field of its own. */
function splitName(path: string): readonly [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path]
  for (let cut = path.indexOf('/'); cut !== -1; cut = path.indexOf('/', cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)]
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name]
  }
  throw new Error(`the path is too long for an archive: ${path}`)
}

function zeros(length: number): Buffer {
  return Buffer.alloc(length)
}

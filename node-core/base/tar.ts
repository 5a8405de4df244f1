/** Writes tar archives (POSIX ustar): plain files with short ASCII names, all that a support bundle needs. */

export interface TarFile {
  /** At most 100 ASCII characters. */
  readonly name: string
  readonly content: Uint8Array
}

const BLOCK = 512

/** `mtime` in milliseconds since the Unix epoch holds for all. Throws a RangeError for a name that does not fit. */
export function tar(files: readonly TarFile[], mtime: number): Uint8Array {
  const parts = files.flatMap(({ name, content }) => [header(name, content.length, mtime), content, new Uint8Array(padding(content.length))])
  // Two empty blocks end the archive.
  parts.push(new Uint8Array(2 * BLOCK))
  const archive = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    archive.set(part, at)
    at += part.length
  }
  return archive
}

function header(name: string, size: number, mtime: number): Uint8Array {
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new RangeError(`${name} is no name for a file in an archive`)
  const block = new Uint8Array(BLOCK)
  const text = (at: number, value: string): void => void new TextEncoder().encodeInto(value, block.subarray(at))
  const octal = (value: number, digits: number): string => Math.floor(value).toString(8).padStart(digits, '0')
  text(0, name)
  text(100, '0000600\0')
  text(108, '0000000\0')
  text(116, '0000000\0')
  text(124, `${octal(size, 11)} `)
  text(136, `${octal(mtime / 1000, 11)} `)
  // The checksum is counted with blanks in its own place.
  text(148, '        ')
  text(156, '0')
  text(257, 'ustar\x0000')
  text(148, `${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\0 `)
  return block
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/** SHA256SUMS: a line for each file of a release, in the form that `sha256sum --check` reads. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export const CHECKSUMS = 'SHA256SUMS'

export async function hashFile(path: string, algorithm: 'sha256' | 'sha512', encoding: 'hex' | 'base64'): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(path), hash)
  return hash.digest(encoding)
}

/** Writes the list of these files of the folder; returns its path. */
export async function writeChecksums(folder: string, names: readonly string[]): Promise<string> {
  const lines = await Promise.all([...names].sort().map(async (name) => `${await hashFile(join(folder, name), 'sha256', 'hex')}  ${name}\n`))
  const path = join(folder, CHECKSUMS)
  await writeFile(path, lines.join(''))
  return path
}

/** Names of files that are missing or are not what the list says. */
export async function checkChecksums(folder: string): Promise<string[]> {
  const wrong: string[] = []
  for (const line of (await readFile(join(folder, CHECKSUMS), 'utf8')).split('\n').filter((text) => text !== '')) {
    const [, expected, name] = /^([0-9a-f]{64}) {2}([^/\\]+)$/.exec(line) ?? []
    if (expected === undefined || name === undefined) wrong.push(line)
    else if ((await hashFile(join(folder, name), 'sha256', 'hex').catch(() => undefined)) !== expected) wrong.push(name)
  }
  return wrong
}

/**
 * Checks a folder as whoever keeps a mirror of it can: signatures by the keys of settings.json, checksums, and that each
 * manifest describes files that are there.
 *
 * Run: `npm run release:verify -- <folder>`
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CHECKSUMS, checkChecksums, hashFile } from './checksums.ts'
import { readReleaseSettings } from './settings.ts'
import { manifestSchema } from '../../electron/updates/manifest.ts'
import { isSignedByOneOf, parsePublicKey, SIGNATURE_SUFFIX } from '../../electron/updates/signature.ts'
import { BuildError, main, say } from '../terminal.ts'

/** What is wrong, a line each; empty where nothing is. */
export async function verifyRelease(folder: string, updateKeys: readonly string[]): Promise<string[]> {
  const keys = updateKeys.map(parsePublicKey)
  const names = await readdir(folder)
  const wrong: string[] = []
  for (const name of [CHECKSUMS, ...names.filter((candidate) => /^(stable|preview)-.*\.json$/.test(candidate))]) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined)
    const signature = await readFile(join(folder, `${name}${SIGNATURE_SUFFIX}`)).catch(() => undefined)
    if (bytes === undefined) wrong.push(`${name} is missing`)
    else if (signature === undefined) wrong.push(`${name} is not signed`)
    else if (!isSignedByOneOf(keys, bytes, signature)) wrong.push(`${name} is signed by another key, or was changed`)
    else if (name !== CHECKSUMS) wrong.push(...(await checkManifest(folder, name, bytes)))
  }
  if (names.includes(CHECKSUMS)) wrong.push(...(await checkChecksums(folder)).map((name) => `${name} is not what ${CHECKSUMS} says`))
  return wrong
}

async function checkManifest(folder: string, name: string, bytes: Uint8Array): Promise<string[]> {
  const { data } = manifestSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
  if (data === undefined) return [`${name} is no manifest`]
  const wrong: string[] = []
  for (const file of data.files) {
    const path = join(folder, file.name)
    const size = await stat(path).then((found) => found.size, () => undefined)
    if (size === undefined) wrong.push(`${name} names ${file.name}, which is missing`)
    else if (size !== file.bytes || (await hashFile(path, 'sha512', 'base64')) !== file.sha512) wrong.push(`${file.name} is not what ${name} says`)
  }
  return wrong
}

if (import.meta.main) {
  main(async () => {
    const folder = process.argv[2]
    if (folder === undefined) throw new BuildError('Say which folder: npm run release:verify -- <folder>')
    const wrong = await verifyRelease(folder, (await readReleaseSettings()).updateKeys)
    if (wrong.length > 0) throw new BuildError(`This is not a sound release:\n  ${wrong.join('\n  ')}`)
    say('Signatures, checksums and manifests are right.')
  })
}

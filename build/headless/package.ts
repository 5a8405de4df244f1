/**
 * `npm run package:headless`: the node without the desktop app, as an npm package and as a tarball that runs where it is
 * unpacked, in `out/release`. Prints the SHA-256 of both; the same commit gives the same.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { buildRenderer } from '../build.ts'
import { buildChainSpecs } from '../chain-specs.ts'
import { main, OUT, say, step } from '../terminal.ts'
import { packHeadless } from './archives.ts'
import { stageHeadless } from './stage.ts'

const STAGED = join(OUT, 'headless')

/** Puts both archives into the folder; returns their paths. */
export async function packageHeadless(release: string): Promise<readonly string[]> {
  const { manifest, build } = await stageHeadless(OUT, STAGED)
  if (build.dirty) say('  The tree has changes that are in no commit; the package says so.')
  const { npm, whole } = await packHeadless(STAGED, release, manifest, build)
  return [npm, whole]
}

if (import.meta.main) {
  main(async () => {
    const release = join(OUT, 'release')
    say(`Packaging into ${release}`)
    await step('chain specifications', buildChainSpecs)
    await buildRenderer()
    const archives = await step('headless packages', () => packageHeadless(release))
    for (const path of archives) process.stdout.write(`${createHash('sha256').update(await readFile(path)).digest('hex')}  ${basename(path)}\n`)
  })
}

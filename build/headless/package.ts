/**
 * `npm run package:headless`: the node without the desktop app, as an npm package and as a tarball that runs where it is
 * unpacked, in `out/release`. Prints the SHA-256 of both; the same commit gives the same.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { buildRenderer, OUT } from '../build.ts'
import { buildChainSpecs } from '../chain-specs.ts'
import { main, say, step } from '../terminal.ts'
import { packHeadless } from './archives.ts'
import { stageHeadless } from './stage.ts'

main(async () => {
  const release = join(OUT, 'release')
  const staged = join(OUT, 'headless')
  say(`Packaging into ${release}`)
  await step('chain specifications', buildChainSpecs)
  await buildRenderer()
  const { manifest, build } = await step('node and workers, staged', () => stageHeadless(OUT, staged))
  if (build.dirty) say('  The tree has changes that are in no commit; the package says so.')
  const archives = await step('archives', () => packHeadless(staged, release, manifest, build))
  for (const path of [archives.npm, archives.whole]) process.stdout.write(`${createHash('sha256').update(await readFile(path)).digest('hex')}  ${basename(path)}\n`)
})

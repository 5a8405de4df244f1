/**
 * Builds everything that runs outside of plain Node into `out/`: the desktop app's main process with the node's worker
 * threads, its preload script, the renderer, the icons. (The headless node runs from its sources and needs only the
 * renderer.)
 *
 * Run: `node build/build.ts [--watch]`
 */
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { writeBuildInfo } from './build-info.ts'
import { writeLicenses } from './licenses.ts'
import { mainConfig, preloadConfig, rendererConfig } from './vite.config.ts'
import { OUT, ROOT, main, say, step } from './terminal.ts'

const MAIN_ENTRIES = {
  main: 'electron/main.ts',
  'runtime-worker': 'node-core/chain/runtime/threads/worker.ts',
  'crypto-worker': 'node-core/crypto/worker/worker.ts',
  'explorer-worker': 'node-core/chain/explorer/worker.ts',
  'genesis-worker': 'node-core/chain/spec/runtime-genesis/worker.ts',
  'state-worker': 'node-core/chain/joining/state/worker.ts',
  'ip-worker': 'node-core/net/link/ip/device-thread.ts',
}

/** The icons at run time: the raster files, beside the bundles. */
export async function copyIcons(out: string): Promise<void> {
  await mkdir(join(out, 'icons'), { recursive: true })
  for (const name of await readdir(join(ROOT, 'assets'))) {
    if (name.endsWith('.png')) await copyFile(join(ROOT, 'assets', name), join(out, 'icons', name))
  }
}

/** Only the page: all that the headless node needs for its dashboard. */
export async function buildRenderer(watch = false): Promise<void> {
  await step('renderer', () => build(rendererConfig(OUT, { watch })))
}

export async function buildAll(watch = false): Promise<void> {
  say(`Building into ${OUT}`)
  await step('main process and workers', () => build(mainConfig({ out: OUT, entries: MAIN_ENTRIES, watch })))
  await step('preload', () => build(preloadConfig(OUT, { watch })))
  await buildRenderer(watch)
  await step('icons', () => copyIcons(OUT))
  await step('licences', () => writeLicenses(OUT))
  await step('build info', () => writeBuildInfo(OUT))
}

if (import.meta.main) {
  main(async () => {
    const watch = process.argv.includes('--watch')
    await buildAll(watch)
    if (watch) say('Watching for changes; Ctrl-C ends.')
  })
}

/**
 * The bundles, as Vite configurations:
 *
 * - main: the desktop app's main process and the node's worker threads, ES modules for Node;
 * - preload: one CommonJS file that requires nothing but `electron`;
 * - renderer: the page, for the window and the browser alike.
 *
 * `electron` is built in, and `classic-level` and `koffi` have native parts, so these stay imports; everything else is bundled.
 * The native parts of QUIC are asked for by name at run time, where they may be absent.
 */
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import tailwindcss from '@tailwindcss/vite'
import type { InlineConfig, Plugin } from 'vite'
import { ROOT } from './terminal.ts'

/** What stays an import. */
export const EXTERNAL = ['electron', 'classic-level', 'koffi']

const COMMON: InlineConfig = { configFile: false, root: ROOT, logLevel: 'warn', publicDir: false }

export interface MainBundle {
  /** Folder into which `main/`, `preload/` and `renderer/` go. */
  readonly out: string
  /** Name of each file of `main/` and its source, relative to the root. */
  readonly entries: Readonly<Record<string, string>>
  readonly plugins?: readonly Plugin[]
  readonly watch?: boolean
}

export function mainConfig({ out, entries, plugins = [], watch = false }: MainBundle): InlineConfig {
  return {
    ...COMMON,
    plugins: [...plugins],
    ssr: { noExternal: true, external: EXTERNAL },
    build: {
      ssr: true,
      target: 'node20',
      outDir: join(out, 'main'),
      emptyOutDir: true,
      // Readable stack traces are worth more here than a few kilobytes.
      minify: false,
      sourcemap: true,
      watch: watch ? {} : null,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(ROOT, file)])),
        external: EXTERNAL,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
      },
    },
  }
}

/** `source` is another one than the product's: for tests. */
export interface BundleOptions {
  readonly source?: string
  readonly watch?: boolean
}

export function preloadConfig(out: string, { source = join(ROOT, 'electron/preload.ts'), watch = false }: BundleOptions = {}): InlineConfig {
  return {
    ...COMMON,
    build: {
      target: 'chrome130',
      outDir: join(out, 'preload'),
      emptyOutDir: true,
      minify: false,
      watch: watch ? {} : null,
      rolldownOptions: {
        input: source,
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: 'preload.cjs', codeSplitting: false },
      },
    },
  }
}

export function rendererConfig(out: string, { source = join(ROOT, 'renderer'), watch = false }: BundleOptions = {}): InlineConfig {
  return {
    ...COMMON,
    root: source,
    // A reverse proxy may show the page under a path of its own.
    base: './',
    plugins: [svelte({ configFile: false, compilerOptions: { runes: true } }), tailwindcss()],
    build: {
      target: 'chrome130',
      outDir: join(out, 'renderer'),
      emptyOutDir: true,
      // The page's policy admits no `data:` addresses and no inline scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      watch: watch ? {} : null,
    },
  }
}

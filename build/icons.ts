/**
 * Rasterises the icon: `assets/icon.svg` (the app) and `assets/mark.svg` (the tray) into the PNG files that lie beside
 * them, and into the icon files of macOS and Windows, with the system's Chromium. They are committed: run this only after
 * changing a drawing.
 *
 * Run: `node build/icons.ts`
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { icnsOf, ICNS_SIZES, icoOf, ICO_SIZES, type SizedPng } from './icon-containers.ts'
import { findChromium } from './system-deps.ts'
import { BuildError, ROOT, main, say } from './terminal.ts'

interface Raster {
  readonly file: string
  readonly drawing: 'icon.svg' | 'mark.svg'
  readonly size: number
  readonly color: string
}

/** The tray's colour must be seen on light and on dark panels; macOS colours its template image itself. */
const RASTERS: readonly Raster[] = [
  { file: 'icon-512.png', drawing: 'icon.svg', size: 512, color: '#000' },
  { file: 'icon-256.png', drawing: 'icon.svg', size: 256, color: '#000' },
  { file: 'icon-32.png', drawing: 'icon.svg', size: 32, color: '#000' },
  { file: 'tray.png', drawing: 'icon.svg', size: 24, color: '#000' },
  { file: 'tray@2x.png', drawing: 'icon.svg', size: 48, color: '#000' },
  { file: 'trayTemplate.png', drawing: 'mark.svg', size: 18, color: '#000' },
  { file: 'trayTemplate@2x.png', drawing: 'mark.svg', size: 36, color: '#000' },
]

main(async () => {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new BuildError('Chromium is not installed. Run: node build/system-deps.ts')
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  try {
    const page = await browser.newPage()
    const save = async (file: string, bytes: Uint8Array): Promise<void> => {
      await writeFile(join(ROOT, 'assets', file), bytes)
      say(`  ${file}`)
    }
    for (const { file, drawing, size, color } of RASTERS) await save(file, await draw(page, drawing, size, color))
    const all = async (sizes: readonly number[]): Promise<SizedPng[]> => {
      const pictures: SizedPng[] = []
      for (const size of sizes) pictures.push({ size, png: await draw(page, 'icon.svg', size, '#000') })
      return pictures
    }
    await save('icon.icns', icnsOf(await all(ICNS_SIZES)))
    await save('icon.ico', icoOf(await all(ICO_SIZES)))
  } finally {
    await browser.close()
  }
})

async function draw(page: Page, drawing: Raster['drawing'], size: number, color: string): Promise<Uint8Array> {
  const svg = await readFile(join(ROOT, 'assets', drawing), 'utf8')
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>body{margin:0;color:${color}}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`)
  return page.screenshot({ omitBackground: true })
}

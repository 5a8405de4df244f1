/**
 * Rasterises the icon: `assets/icon.svg` (the app) and `assets/mark.svg` (the tray) into the PNG files that lie beside
 * them, with the system's Chromium. They are committed: run this only after changing a drawing.
 *
 * Run: `node build/icons.ts`
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
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
    for (const { file, drawing, size, color } of RASTERS) {
      const svg = await readFile(join(ROOT, 'assets', drawing), 'utf8')
      await page.setViewportSize({ width: size, height: size })
      await page.setContent(`<style>body{margin:0;color:${color}}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`)
      await writeFile(join(ROOT, 'assets', file), await page.screenshot({ omitBackground: true }))
      say(`  ${file}`)
    }
  } finally {
    await browser.close()
  }
})

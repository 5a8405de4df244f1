/** The packaged archive: each file in it is known by its hash, and what the system makes of one that is not. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, expect, test } from '@playwright/test'
import { openFuses } from '../../build/package/fuses.ts'
import { verifyArchive } from '../../build/package/verify-archive.ts'
import { EXECUTABLE, INSPECTABLE, RELEASED, variant } from './fixtures/packaged.ts'

test('a release knows every file of its archive by its hash, and keeps its doors shut', async () => {
  const { files, wrong } = await verifyArchive(join(RELEASED, 'resources', 'app.asar'))
  expect(files).toBeGreaterThan(100)
  expect(wrong).toEqual([])
  expect(await openFuses(join(RELEASED, EXECUTABLE))).toEqual([])
  // The one that Playwright needs.
  expect(await openFuses(join(INSPECTABLE, EXECUTABLE))).toEqual(['EnableNodeCliInspectArguments'])
})

test('a flipped byte is found by the check of a release; Linux starts the program all the same, which it says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-archive-'))
  try {
    const executable = await variant(join(folder, 'app'), {})
    const archive = join(folder, 'app', 'resources', 'app.asar')
    const bytes = await readFile(archive)
    const at = bytes.indexOf('Program files')
    expect(at).toBeGreaterThan(0)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await writeFile(archive, bytes)
    const { wrong } = await verifyArchive(archive)
    expect(wrong).toHaveLength(1)
    expect(wrong[0]).toMatch(/^out\/renderer\/assets\/.+\.js$/)

    const userData = join(folder, 'data')
    await mkdir(userData)
    await writeFile(join(userData, 'settings.json'), JSON.stringify({ firstRunDone: true }))
    const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), `--user-data-dir=${userData}`]
    const app = await _electron.launch({ executablePath: executable, args })
    const page = await app.firstWindow()
    await page.getByRole('navigation').getByRole('button', { name: 'About' }).click()
    // Electron checks archives on macOS and Windows alone.
    await expect(page.getByTestId('versions')).toContainText('Qrogram files')
    await expect(page.getByTestId('versions')).toContainText('not checked by Linux: verify the download')
    await app.close()
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
})

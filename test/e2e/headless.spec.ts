/** The headless node with its dashboard in a browser, from the command line to Ctrl-C. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { ROOT } from '../../build/terminal.ts'
import { COMPILED } from '../helpers/compiled.ts'

const FLAGS = ['--dev', '--tmp', '--port', '0', '--rpc-port', '0', '--prometheus-port', '0', '--dashboard-port', '0']

/** Starts the node and gives the address that it prints. */
function start(): { child: ChildProcess; url: Promise<string>; ended: Promise<number | null> } {
  const node = join(ROOT, 'node_modules/.bin/node')
  const child = spawn(node, [join(ROOT, 'node-core/command/cli.ts'), ...FLAGS], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...COMPILED } })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = new Promise<string>((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /^Dashboard: (\S+)$/m.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`the node ended with ${code}: ${text.slice(-2000)}`)))
  })
  return { child, url, ended }
}

test('blocks rise in the browser, the log runs, Ctrl-C ends the node and the page says so', async ({ page }) => {
  test.setTimeout(150_000)
  const { child, url, ended } = start()
  try {
    await page.goto(await url)
    await expect(page.getByTestId('sentence')).toContainText('Authoring blocks: best #', { timeout: 60_000 })
    await expect.poll(() => page.getByTestId('blocks').getByRole('row').count(), { timeout: 60_000 }).toBeGreaterThan(3)
    await page.screenshot({ path: join(ROOT, 'test-results/screenshots/headless-browser.png') })
    await page.getByRole('button', { name: /^Logs/ }).click()
    await expect(page.getByRole('log')).not.toBeEmpty()
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    await expect(page.getByTestId('sentence')).toContainText('Lost the connection to the node')
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL')
  }
})

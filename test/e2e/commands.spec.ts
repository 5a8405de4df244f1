/** Commands for a running node, beside the app: its node is started, looked at, asked and stopped from a terminal, and its window says so. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './fixtures/desktop.ts'
import { developmentProfile, fileOf } from './fixtures/networks-file.ts'
import { CliProcess, type Finished } from '../helpers/cli.ts'

/** The development network on free ports, opened to programs. */
function openToPrograms(userData: string): unknown {
  const profile = developmentProfile(join(userData, 'data'))
  return fileOf({ ...profile, settings: { ...profile.settings, net: { enabled: true } } })
}

test.use({ settings: { toldAboutTray: true }, networksFile: async ({}, use) => use(openToPrograms) })
test.setTimeout(240_000)

test("the app's node is started, looked at, asked and stopped by commands; the app stays, and shows it", async ({ desktop }) => {
  const { page, electron, userData } = desktop
  const begin = (...words: string[]): CliProcess => new CliProcess([...words, '--base-path', userData])
  const ask = (...words: string[]): Promise<Finished> => begin(...words).finished
  const json = async (...words: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await ask(...words, '--json')
    expect([code, stderr]).toEqual([0, ''])
    return JSON.parse(stdout)
  }
  const sentence = page.getByTestId('sentence')

  // Before it runs.
  expect(await ask('networks')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^dev\tstopped\t/) })
  expect(await json('status')).toMatchObject({ status: { state: 'NODE_STATE_STOPPED' }, program: { host: 'desktop', processId: await electron.evaluate(() => process.pid) } })
  expect(await ask('call', 'Chain.Head')).toMatchObject({ code: 6, stdout: '', stderr: 'The node of Development is not running. Start it by the command start.\n' })

  expect(await ask('start')).toMatchObject({ code: 0, stdout: 'Development is running.\n', stderr: 'Starting Development.\n' })
  await expect(sentence).toContainText('Producing blocks', { timeout: 60_000 })
  expect(await ask('start')).toMatchObject({ code: 0, stdout: 'Development runs already.\n' })
  expect(await json('status')).toMatchObject({ status: { state: 'NODE_STATE_RUNNING' }, program: { host: 'desktop' } })
  expect(await ask('peers')).toMatchObject({ code: 0, stdout: '', stderr: 'No peer is connected.\n' })
  expect((await ask('metrics', 'substrate_block_height')).stdout).toMatch(/^substrate_block_height\{status="best"\}\t\d+\t/m)
  expect((await ask('logs', '--lines', '500')).stdout).toMatch(/ INFO {2}/)
  const head = (await json('call', 'Chain.Head')) as { genesisHash: string }
  expect(await ask('call', 'chain_getBlockHash', '0')).toMatchObject({ code: 0, stdout: `${head.genesisHash}\n` })

  const tail = begin('topics', 'tail', 'weather/1', '--declare')
  let taken = ''
  tail.child.stdout?.on('data', (chunk: Buffer) => (taken += chunk.toString()))
  await expect.poll(async () => (await ask('topics')).stdout).toContain('weather/1')
  await expect.poll(async () => {
    await ask('topics', 'send', 'weather/1', 'rain')
    return taken
  }).toMatch(/\train\n/)
  expect(await tail.interrupt()).toMatchObject({ code: 0, stderr: '' })

  const bundle = join(userData, 'bundle.tar.gz')
  expect(await ask('support-bundle', bundle)).toMatchObject({ code: 0, stderr: '' })
  expect([(await stat(bundle)).mode & 0o777, [...(await readFile(bundle)).subarray(0, 2)]]).toEqual([0o600, [0x1f, 0x8b]])

  // What follows the log of a node goes on beside it.
  const logs = begin('logs', '-f', '--lines', '1')
  let told = ''
  logs.child.stdout?.on('data', (chunk: Buffer) => (told += chunk.toString()))
  await expect.poll(() => told).not.toBe('')
  expect(await ask('stop')).toMatchObject({ code: 0, stdout: 'Development is stopped.\n', stderr: 'Stopping Development.\n' })
  await expect(sentence).toContainText('Stopped')
  expect(await ask('networks')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^dev\tstopped\t/) })
  expect((await logs.interrupt()).code).toBe(0)

  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(sentence).toContainText('Producing blocks', { timeout: 60_000 })
  expect(await json('status')).toMatchObject({ status: { state: 'NODE_STATE_RUNNING' } })
})

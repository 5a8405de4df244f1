import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processName } from '../../../node-core/base/process-name.ts'

let proc: string
let child: ChildProcess | undefined

beforeEach(async () => {
  proc = await mkdtemp(join(tmpdir(), 'nodestead-proc-'))
})

afterEach(async () => {
  child?.kill()
  child = undefined
  await rm(proc, { recursive: true })
})

async function pretend(words: readonly string[], exe?: string): Promise<string | undefined> {
  await mkdir(join(proc, '7'))
  await writeFile(join(proc, '7', 'cmdline'), words.map((word) => `${word}\0`).join(''))
  await writeFile(join(proc, '7', 'comm'), 'MainThread\n')
  if (exe !== undefined) await symlink(exe, join(proc, '7', 'exe'))
  return processName(7, proc)
}

describe.runIf(process.platform === 'linux')('the name of a process', () => {
  it.each([
    [['/usr/bin/polkadot', '--dev'], 'polkadot'],
    [['node', '--max-old-space-size=4096', '/srv/app/server.js', 'x.json'], 'node server.js'],
    [['/usr/bin/node', '--import', 'hook', 'main.ts'], 'node main.ts'],
    [['/usr/bin/python3.12', '-m', 'http.server'], 'python3.12 http.server'],
    [['node'], 'node'],
    [['nginx: master process /usr/sbin/nginx'], 'nginx: master process /usr/sbin/nginx'],
    [['-bash'], 'bash'],
  ])('started as %j is %s', async (words, expected) => {
    expect(await pretend(words)).toBe(expected)
  })

  it('that tells no words is that of its program, or what the system calls it', async () => {
    expect(await pretend([], '/opt/thing (deleted)')).toBe('thing')
    await rm(join(proc, '7'), { recursive: true })
    expect(await pretend([])).toBe('MainThread')
    expect(await processName(8, proc)).toBeUndefined()
  })

  it('of a script in Node.js is not that of its first thread', async () => {
    const script = join(proc, 'holder.mjs')
    await writeFile(script, "process.stdout.write('up'); setInterval(() => {}, 1000)")
    child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(child.stdout as NodeJS.EventEmitter, 'data')
    expect(await processName(child.pid as number)).toMatch(/ holder\.mjs$/)
  })
})

/** The examples that the documents of the bindings print, run as they are printed. */
import { execFile, spawn } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import type { NetLab } from './net-lab.ts'
import { eventually } from './network.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface Language {
  /** The binding's folder, and how its programs are called. */
  readonly binding: 'typescript' | 'python'
  readonly ending: 'ts' | 'py'
  /** What runs them. */
  readonly command: string
}

export const TYPESCRIPT: Language = { binding: 'typescript', ending: 'ts', command: process.execPath }

/** One has its name in its first line, and ten lines behind that at most. */
async function printed({ binding, ending }: Language, name: string): Promise<string> {
  const document = await readFile(join(ROOT, 'node-core/net/bindings', binding, 'README.md'), 'utf8')
  const example = [...document.matchAll(/^```\w+\n(.+?)^```$/gms)].map(([, code = '']) => code).find((code) => new RegExp(`^(//|#) ${name}\\.${ending}: `).test(code))
  if (example === undefined) throw new Error(`${binding} prints no example ${name}`)
  expect(example.split('\n').filter((line) => line.trim() !== '').length - 1).toBeLessThanOrEqual(10)
  return example
}

/** A folder in which programs find the project as in its own. */
async function written(lab: NetLab, language: Language, name: string): Promise<string> {
  const folder = await lab.folder()
  const path = join(folder, `${name}.${language.ending}`)
  await symlink(join(ROOT, 'node-core'), join(folder, 'node-core'), 'junction')
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(path, await printed(language, name))
  return path
}

/** `echo` of the one language answers `say` of the other, between two nodes. */
export async function expectToTalk(lab: NetLab, serving: Language, saying: Language): Promise<void> {
  const [a, b] = await lab.pair()
  const [server, caller] = [await b.net.programs.add('echo', ['channels:echo']), await a.net.programs.add('say', ['channels'])]
  const echo = spawn(serving.command, [await written(lab, serving, 'echo'), b.net.ipc.path as string, server.token], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const address = await new Promise<string>((resolve, reject) => {
      echo.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
      echo.once('exit', (code) => reject(new Error(`the example ended with ${code}`)))
    })
    expect(address).toBe(`/nodestead/echo/p2p/${b.id}`)
    const { stdout } = await promisify(execFile)(saying.command, [await written(lab, saying, 'say'), a.net.ipc.path as string, caller.token, address, 'hello'])
    expect(stdout.trim()).toBe('hello')
  } finally {
    echo.kill()
  }
  await eventually(() => a.net.ipc.clients.size === 0 && b.net.ipc.clients.size === 0, 'the end of the examples')
}

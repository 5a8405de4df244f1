/**
 * What the build scripts share: the project's root, a line per step on standard error, and running a program.
 * Standard output stays free for results that other programs read.
 */
import { spawn, spawnSync, type SpawnOptions } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root folder, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What is built. */
export const OUT = join(ROOT, 'out')

/** A step is an error that a person reads: what happened and what to do, without a stack. */
export class BuildError extends Error {}

export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Runs a step, printing its name and how long it took. */
export async function step<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  const start = performance.now()
  const result = await work()
  say(`  ${name.padEnd(44)} ${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`)
  return result
}

/** True where `command` is found on the PATH. */
export function hasCommand(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0
}

/** Runs a program to its end; rejects with a BuildError that carries the end of its output where it fails. */
export function run(command: string, args: readonly string[], options: SpawnOptions & { timeoutMs?: number } = {}): Promise<string> {
  const { timeoutMs, ...spawnOptions } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...spawnOptions })
    let stdout = ''
    let tail = ''
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGTERM'), timeoutMs)
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      tail = (tail + chunk.toString()).slice(-4000)
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4000)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve(stdout)
      else reject(new BuildError(`${command} ${args.join(' ')} ended with ${signal ?? code}:\n${tail}`))
    })
  })
}

/** Runs the main function of a script: its errors become one readable message and exit code 1. */
export function main(work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    say(error instanceof BuildError ? `\n${error.message}` : `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    process.exitCode = 1
  })
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nativeParts, quicNatives } from '../../../build/native-parts.ts'

const text = await readFile(join(import.meta.dirname, '../../../package-lock.json'), 'utf8')

interface Locked {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly optionalDependencies?: Record<string, string>
}

it('knows the optional packages of every platform (npm run lock:platforms)', () => {
  const packages = (JSON.parse(text) as { packages: Record<string, Locked> }).packages
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => /^\d/.test(version) && packages[`node_modules/${name}`] === undefined && packages[`${place}/node_modules/${name}`] === undefined)
      .map(([name]) => name),
  )
  expect(missing).toEqual([])
})

it('has the native parts of QUIC and of calls into the system in the version that package.json takes them to', async () => {
  const packages = (JSON.parse(text) as { packages: Record<string, Locked> }).packages
  const natives = Object.entries(await quicNatives())
  expect(natives.length).toBeGreaterThan(5)
  expect(Object.keys(packages['node_modules/@chainsafe/libp2p-quic']?.optionalDependencies ?? {}).sort()).toEqual(natives.map(([name]) => name).sort())
  for (const [name, version] of Object.entries(await nativeParts())) expect([name, packages[`node_modules/${name}`]?.version]).toEqual([name, version])
})

it('leaves nothing of the product optional but parts of a platform: npm passes over an optional package without a word where its own Node.js is too old for it', () => {
  const packages = Object.entries((JSON.parse(text) as { packages: Record<string, Locked> }).packages)
  expect(packages.filter(([, { dev = false, optional = false, os }]) => optional && !dev && os === undefined).map(([place]) => place)).toEqual([])
})

it('names no download address', () => {
  expect(text).not.toMatch(/"resolved": *"https?:/)
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const text = await readFile(join(import.meta.dirname, '../../../package-lock.json'), 'utf8')

interface Locked {
  readonly version?: string
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

it('names no download address', () => {
  expect(text).not.toMatch(/"resolved": *"https?:/)
})

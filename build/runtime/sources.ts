/**
 * The sources of the runtime as one hash, by which a shipped build says what it was made of. What changes the compiled code counts:
 * the crates' manifests, the lock file, scripts that link them, and every Rust file that is no test.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const COUNTS = /(^|\/)(Cargo\.toml|Cargo\.lock|[^/]+\.(rs|sh))$/
const TESTS = /(^|\/)(tests?|mock)(\.rs|\/)/

/** What Cargo leaves where somebody runs it in the folder. */
const CARGO_OUTPUT = 'target'

/** Paths below `folder` in a fixed order, with slashes. */
export function sourceFiles(folder: string): string[] {
  const entries = readdirSync(folder).filter((name) => name !== CARGO_OUTPUT)
  return entries
    .flatMap((entry) => [entry, ...within(folder, entry)])
    .filter((path) => COUNTS.test(path) && !TESTS.test(path))
    .sort()
}

function within(folder: string, entry: string): string[] {
  if (!statSync(join(folder, entry)).isDirectory()) return []
  return readdirSync(join(folder, entry), { recursive: true, encoding: 'utf8' }).map((path) => `${entry}/${path.replaceAll('\\', '/')}`)
}

/** SHA-256, in hexadecimal, over each file's path, length and content. */
export function sourcesHash(folder: string): string {
  const hash = createHash('sha256')
  for (const path of sourceFiles(folder)) {
    const content = readFileSync(join(folder, path))
    hash.update(`${path}\n${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/**
 * A release with one command: builds and packages, or takes packages that were built elsewhere, and writes all that belongs
 * to them: bill of materials, notes from the changelog, the feed, checksums, signatures. Then it checks its own work.
 *
 *   npm run release -- --key <file>                  packages for this system, and all the rest
 *   npm run release -- --key <file> --from <folder>  packages that other machines built, all systems together
 *   npm run release -- --packages                    only the packages, for the machine that has no key
 *   npm run release -- --dry-run                     everything, offline, with a key that is thrown away
 *
 * `--rollout 20` offers it to a fifth of the installations at first; the same with `--from` and 100 offers it to all.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageHeadless } from '../headless/package.ts'
import { buildAll } from '../build.ts'
import { treeInfo } from '../build-info.ts'
import { buildChainSpecs } from '../chain-specs.ts'
import { ensureTestElectron, findOfficialElectron } from '../electron-dist.ts'
import { openFuses } from '../package/fuses.ts'
import { archiveUnpacked, packageApp, programIn, RELEASE } from '../package/package.ts'
import { verifyArchive } from '../package/verify-archive.ts'
import { BuildError, main, OUT, ROOT, run, say, step } from '../terminal.ts'
import { writeChecksums } from './checksums.ts'
import { writeFeed } from './feed.ts'
import { notesOf } from './notes.ts'
import { writeBillOfMaterials } from './sbom.ts'
import { readReleaseSettings, type ReleaseSettings } from './settings.ts'
import { askPassphrase, makeKey, openKey, publicHalf, signFile } from './signing-key.ts'
import { verifyRelease } from './verify.ts'
import { VERSION } from '../../node-core/base/version.ts'

/** Not where releases are: its packages believe a key that nobody has any more. */
const REHEARSAL = join(OUT, 'rehearsal')

export interface ReleaseRequest {
  readonly dryRun: boolean
  readonly packagesOnly: boolean
  /** Packages that were built already. */
  readonly from: string | undefined
  readonly key: string | undefined
  readonly rolloutPercent: number
}

export function parseRequest(argv: readonly string[]): ReleaseRequest {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'dry-run': { type: 'boolean', default: false }, packages: { type: 'boolean', default: false }, from: { type: 'string' }, key: { type: 'string' }, rollout: { type: 'string', default: '100' } },
  })
  const rolloutPercent = Number(values.rollout)
  if (!Number.isInteger(rolloutPercent) || rolloutPercent < 0 || rolloutPercent > 100) throw new BuildError(`--rollout takes a whole number from 0 to 100, not "${values.rollout}".`)
  if (values['dry-run'] && values.key !== undefined) throw new BuildError('A dry run signs with a key of its own, which it throws away. Leave out --key.')
  if (!values['dry-run'] && !values.packages && values.key === undefined) throw new BuildError('Say which key signs: --key <file>. `npm run release:key` makes one; `--dry-run` needs none.')
  return { dryRun: values['dry-run'], packagesOnly: values.packages, from: values.from, key: values.key, rolloutPercent }
}

/** What a real release cannot do without, a line each. */
export function missingFacts({ feed, homepage, updateKeys }: ReleaseSettings, publicKey: string | undefined): string[] {
  return [
    ...(feed === undefined ? ['"feed": where installed apps look for newer versions'] : []),
    ...(homepage === undefined ? ['"homepage": packages of Linux name one'] : []),
    ...(publicKey !== undefined && !updateKeys.includes(publicKey) ? ['"updateKeys": the public half of this signing key is not among them, so no app would believe it'] : []),
  ]
}

export async function release(request: ReleaseRequest): Promise<void> {
  const { dryRun, packagesOnly, from, rolloutPercent } = request
  const key = packagesOnly ? undefined : await signingKey(request)
  const real = await readReleaseSettings()
  const missing = missingFacts(real, key === undefined || dryRun ? undefined : publicHalf(key))
  if (!dryRun && missing.length > 0) throw new BuildError(`build/release/settings.json lacks:\n  ${missing.join('\n  ')}`)
  const settings = dryRun && key !== undefined ? rehearsal(real, key) : real
  const { text: notes } = notesOf(await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8'), dryRun ? undefined : VERSION)
  const info = await treeInfo()
  if (!dryRun && (info.dirty || !(await isTagged()))) throw new BuildError(`A release is made of a commit that is tagged v${VERSION}, without changes. Commit, tag, and run this again.`)

  const folder = from ?? (dryRun ? REHEARSAL : RELEASE)
  const built = info.time === undefined ? new Date() : new Date(info.time)
  if (from === undefined) await makePackages(folder, settings, built, dryRun)
  if (key === undefined) return
  await rm(join(folder, 'builder-debug.yml'), { force: true })
  const packages = readdirSync(folder).filter((name) => /^(Nodestead|nodestead)-.*\.(AppImage|deb|rpm|exe|zip|dmg|tgz|tar\.gz)$/.test(name))
  if (packages.length === 0) throw new BuildError(`There are no packages in ${folder}.`)

  const extras = [`nodestead-${VERSION}.cdx.json`, `RELEASE_NOTES-${VERSION}.md`]
  await step('bill of materials', () => writeBillOfMaterials(join(folder, extras[0] as string), { version: VERSION, time: built }))
  await writeFile(join(folder, extras[1] as string), `${notes}\n`)
  const manifests = await step('feed', () => writeFeed(folder, packages, { version: VERSION, notes, releasedAt: built, rolloutPercent }))
  const checksums = await step('checksums', () => writeChecksums(folder, [...packages, ...extras]))
  await step('signatures', () => Promise.all([checksums, ...manifests.map((name) => join(folder, name))].map((path) => signFile(path, key))))
  const wrong = await step('check', () => verifyRelease(folder, [publicHalf(key)]))
  if (wrong.length > 0) throw new BuildError(`The release does not stand its own check:\n  ${wrong.join('\n  ')}`)
  tell(folder, [...packages, ...extras, ...manifests], dryRun, missing)
}

async function makePackages(folder: string, settings: ReleaseSettings, built: Date, dryRun: boolean): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  process.env['SOURCE_DATE_EPOCH'] ??= (await run('git', ['log', '-1', '--format=%ct'], { cwd: ROOT })).trim()
  await step('chain specifications', buildChainSpecs)
  await step('app', buildAll)
  const electron = (await findOfficialElectron()) ?? (dryRun ? await ensureTestElectron() : undefined)
  if (electron === undefined) throw new BuildError('The app is packaged with the official Electron, which is not here and cannot be downloaded.')
  await step('packages of the app', () => packageApp({ settings, electron, output: folder, unpackedOnly: dryRun }))
  await step('check of the program', () => checkProgram(folder))
  if (process.platform === 'linux') await step('archive', () => archiveUnpacked(folder, VERSION, built))
  await step('headless packages', () => packageHeadless(folder))
}

/** What the packages hold is what was built, and their fuses are those of a release. */
async function checkProgram(folder: string): Promise<void> {
  const { executable, archive } = programIn(folder)
  const { wrong } = await verifyArchive(archive)
  if (wrong.length > 0) throw new BuildError(`The packaged archive is not what its header says: ${wrong.slice(0, 5).join(', ')}`)
  const open = await openFuses(executable)
  if (open.length > 0) throw new BuildError(`These fuses of the packaged program are not those of a release: ${open.join(', ')}`)
}

async function signingKey({ dryRun, key }: ReleaseRequest): Promise<KeyObject> {
  if (dryRun || key === undefined) return openKey(makeKey('thrown away at the end of the run'), 'thrown away at the end of the run')
  const pem = await readFile(key, 'utf8').catch((error: unknown) => {
    throw new BuildError(`The signing key ${key} cannot be read.`, { cause: error })
  })
  return openKey(pem, await askPassphrase('Passphrase of the signing key: '))
}

/** Where a dry run fills in for what is missing: addresses that lead nowhere. */
function rehearsal(settings: ReleaseSettings, key: KeyObject): ReleaseSettings {
  return { ...settings, feed: settings.feed ?? 'https://updates.invalid/', homepage: settings.homepage ?? 'https://nodestead.invalid/', updateKeys: [publicHalf(key)] }
}

async function isTagged(): Promise<boolean> {
  return (await run('git', ['tag', '--points-at', 'HEAD'], { cwd: ROOT })).split('\n').includes(`v${VERSION}`)
}

function tell(folder: string, names: readonly string[], dryRun: boolean, missing: readonly string[]): void {
  say(`\n${names.length} files, checksums and signatures in ${folder}:`)
  for (const name of names) say(`  ${name}`)
  if (!dryRun) return say('\nPut all of it where the feed is, the manifests last.')
  say('\nThis was a dry run: its signatures are worth nothing.')
  if (missing.length > 0) say(`A real release needs in build/release/settings.json:\n  ${missing.join('\n  ')}`)
}

if (import.meta.main) main(() => release(parseRequest(process.argv.slice(2))))

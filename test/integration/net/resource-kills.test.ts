/** A process that fetches a file is killed at random moments: what is marked as written is true each time, and the next one goes on from there. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { partPath, statePath } from '../../../node-core/net/resources/fetch/part-file.ts'
import { Sidecar } from '../../../node-core/net/resources/fetch/sidecar.ts'
import { LEAF_BYTES } from '../../../node-core/net/resources/tree.ts'
import { ResourceHost } from '../../helpers/resource-host.ts'
import { randomFrom } from '../../unit/chain/sync/world.ts'

const LEAVES = 1300
const LENGTH = (LEAVES - 1) * LEAF_BYTES + 5
const KILLS = 6

it(`is killed ${KILLS} times and ends with the file`, { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-kills-'))
  const seeder = await ResourceHost.start(join(folder, 'seeder'))
  try {
    const content = Buffer.concat(Array.from({ length: Math.ceil(LENGTH / 64) }, (_, i) => createHash('sha512').update(String(i)).digest())).subarray(0, LENGTH)
    await writeFile(join(folder, 'offered'), content)
    const { root } = await seeder.catalogue.add(join(folder, 'offered'))
    let bytesPerSecond = 2.5e6
    await seeder.serve({ rates: () => ({ bytesPerSecond, peerBytesPerSecond: 0 }) })
    const path = join(folder, 'fetched')
    const random = randomFrom(23)

    /** Lets it write so many bytes more, and kills it a moment later; tells its last word. */
    const run = async (more: number): Promise<string> => {
      const args = [join(folder, 'leecher'), path, root, seeder.host.id, seeder.host.address]
      const child = spawn(process.execPath, [join(import.meta.dirname, 'resource-process.ts'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      let first: number | undefined
      let last = ''
      for await (const line of createInterface({ input: child.stdout })) {
        last = line
        const had = Number(line)
        if (!(had > 0)) continue
        first ??= had
        if (had >= first + more) setTimeout(() => child.kill('SIGKILL'), random() * 30)
      }
      await exited
      return last
    }

    const marked: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const last = await run(random() * 1e6)
      expect(last).toMatch(/^\d+$/)
      const sidecar = (await Sidecar.open(statePath(path), Buffer.from(root, 'hex'))) as Sidecar
      const { had } = sidecar
      await sidecar.close()
      const part = await readFile(partPath(path))
      for (let leaf = 0; leaf < had.size; leaf++) {
        if (had.has(leaf)) expect(part.subarray(leaf * LEAF_BYTES, (leaf + 1) * LEAF_BYTES).equals(content.subarray(leaf * LEAF_BYTES, (leaf + 1) * LEAF_BYTES))).toBe(true)
      }
      expect(had.count).toBeGreaterThanOrEqual(marked.at(-1) ?? 0)
      marked.push(had.count)
    }
    // Each goes on: nearly all of them got further.
    expect(new Set(marked).size).toBeGreaterThan(KILLS / 2)
    expect(marked.at(-1)).toBeLessThan(LEAVES)
    bytesPerSecond = 0
    const before = seeder.server.state.servedBytes
    expect(await run(Infinity)).toBe('done')
    expect(content.equals(await readFile(path))).toBe(true)
    expect(seeder.server.state.servedBytes - before).toBeLessThanOrEqual((LEAVES - (marked.at(-1) as number) + 1) * LEAF_BYTES)
  } finally {
    await seeder.stop()
    await rm(folder, { recursive: true, force: true })
  }
})

/** A volume in memory that is as large as a test wants it, fills up, or fails. Only root can mount one, and not in every container. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why there can be none here; undefined where there can. */
export function whyNoVolume(): string | undefined {
  if (process.platform !== 'linux') return 'tmpfs is of Linux'
  if (process.getuid?.() !== 0) return 'mounting takes root'
  const probe = mkdtempSync(join(tmpdir(), 'nodestead-probe-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe])
  if (status === 0) execFileSync('umount', [probe])
  rmdirSync(probe)
  return status === 0 ? undefined : 'this container may not mount'
}

export class SmallVolume {
  readonly path = mkdtempSync(join(tmpdir(), 'nodestead-volume-'))

  /** `size` in bytes; the memory is taken as files are written. */
  constructor(size: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', this.path])
  }

  /** More or less room, but never less than is in use. */
  resize(size: number): void {
    this.#remount(`size=${size}`)
  }

  /** Not a byte more can be written. */
  fill(): void {
    const used = Number(execFileSync('df', ['--block-size=1', '--output=used', this.path], { encoding: 'utf8' }).split('\n')[1])
    this.resize(used)
  }

  /**
   * As the system does with a disk that has faults: nothing can be written any more, whatever room there is. Resolves once
   * nobody writes to it, which it waits for.
   */
  async becomeReadOnly(size: number): Promise<void> {
    while (spawnSync('mount', ['-o', `remount,ro,size=${size}`, this.path]).status !== 0) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  becomeWritable(): void {
    this.#remount('rw')
  }

  /** At once, also while a figure of its room is being read, which would keep it busy. */
  remove(): void {
    execFileSync('umount', ['--lazy', this.path])
    rmdirSync(this.path)
  }

  #remount(options: string): void {
    execFileSync('mount', ['-o', `remount,${options}`, this.path])
  }
}
